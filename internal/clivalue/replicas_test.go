package clivalue_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/internal/clivalue"
)

func TestReplicas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]clivalue.Replicas{"0": 0, "1": 1, "100": 100} {
		var r clivalue.Replicas
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%q: %v, %v, want %v", text, r, err, want)
		}
	}
	for _, text := range []string{"", "-1", "101", "1.5", "all"} {
		r := clivalue.Replicas(7)
		err := r.UnmarshalText([]byte(text))
		if err == nil || !strings.Contains(err.Error(), `"`+text+`": must be a whole number from 0 (none) to 100`) || r != 7 {
			t.Errorf("%q: %v, and the value is %v", text, err, r)
		}
	}
}
