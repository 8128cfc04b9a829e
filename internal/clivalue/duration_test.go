package clivalue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/internal/clivalue"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "72h": 72 * time.Hour, "1h30m": 90 * time.Minute, "1ms": time.Millisecond,
		"1d": 24 * time.Hour, "90d": 90 * 24 * time.Hour, "65535d": 65535 * 24 * time.Hour,
	} {
		var d clivalue.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q: %v, %v, want %v", text, time.Duration(d), err, want)
		}
	}
	for _, text := range []string{"", "0", "0s", "0d", "-1h", "-1d", "90", "d", "1.5d", "1d12h", "65536d", "7 d", "soon"} {
		var d clivalue.Duration
		err := d.UnmarshalText([]byte(text))
		if err == nil {
			t.Errorf("%q was taken for %v", text, time.Duration(d))
			continue
		}
		if !strings.Contains(err.Error(), `"`+text+`": must be a time like 30s, 72h or 7d`) || d != 0 {
			t.Errorf("%q: %v, and the value is %v", text, err, time.Duration(d))
		}
	}
}
