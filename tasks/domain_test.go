package tasks_test

import (
	"testing"

	"github.com/postroom/postroom/tasks"
)

// TestUnsubscribeInAnyScript holds that a payload has what can stand in a header.
func TestUnsubscribeInAnyScript(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	given := &tasks.Unsubscribe{URL: "https://bücher.example:8443/u?t=1", Mailto: "mailto:leave@bücher.example?subject=leave"}
	e := letter()
	e.Unsubscribe = given
	got := decoded(t, rdb, enqueue(t, client, e)).Unsubscribe
	want := tasks.Unsubscribe{URL: "https://xn--bcher-kva.example:8443/u?t=1", Mailto: "mailto:leave@xn--bcher-kva.example?subject=leave"}
	if got == nil || *got != want {
		t.Errorf("unsubscribe %+v, want %+v", got, want)
	}
	if given.URL != "https://bücher.example:8443/u?t=1" {
		t.Errorf("the caller's own became %+v", given)
	}
}
