package main_test

import (
	"strings"
	"testing"

	worker "github.com/postroom/postroom/cmd/worker"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]worker.Count{"1": 1, "12": 12, "1000": 1000} {
		var c worker.Count
		if err := c.UnmarshalText([]byte(text)); err != nil || c != want {
			t.Errorf("%q: %d, %v, want %d", text, c, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "1.5", "four", "99999999999999999999"} {
		var c worker.Count
		if err := c.UnmarshalText([]byte(text)); err == nil || c != 0 {
			t.Errorf("%q was taken for %d (%v)", text, c, err)
		}
	}
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]worker.Handlers{"1": 1, "4": 4, "1000": 1000} {
		var h worker.Handlers
		if err := h.UnmarshalText([]byte(text)); err != nil || h != want {
			t.Errorf("%q: %d, %v, want %d", text, h, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "1.5", "four", "1001", "100000", "99999999999999999999"} {
		var h worker.Handlers
		err := h.UnmarshalText([]byte(text))
		if err == nil || h != 0 || !strings.Contains(err.Error(), `"`+text+`": must be a whole number from 1 to 1000`) {
			t.Errorf("%q: %v, and the value is %d", text, err, h)
		}
	}
}

func TestBackend(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"gmail", "console", "file"} {
		var b worker.Backend
		if err := b.UnmarshalText([]byte(text)); err != nil || string(b) != text {
			t.Errorf("%q: %q, %v", text, b, err)
		}
	}
	for _, text := range []string{"", "Gmail", "smtp", " file"} {
		var b worker.Backend
		if err := b.UnmarshalText([]byte(text)); err == nil || b != "" {
			t.Errorf("%q was taken for %q (%v)", text, b, err)
		}
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	var a worker.Mailbox
	if err := a.UnmarshalText([]byte("Zoë's Shop <shop@example.com>")); err == nil {
		if a.Name != "Zoë's Shop" || a.Address.Address != "shop@example.com" {
			t.Errorf("%+v", a)
		}
	} else {
		t.Error(err)
	}
	if err := a.UnmarshalText([]byte("shop")); err == nil || !strings.Contains(err.Error(), `"shop": is not an address`) {
		t.Errorf("%v", err)
	}
}
