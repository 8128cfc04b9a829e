package main_test

import (
	"strings"
	"testing"
	"time"

	worker "github.com/postroom/postroom/cmd/worker"
)

func TestDays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "72h": 72 * time.Hour, "1h30m": 90 * time.Minute,
		"1d": 24 * time.Hour, "90d": 90 * 24 * time.Hour, "65535d": 65535 * 24 * time.Hour,
	} {
		var d worker.Days
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%q: %v, %v, want %v", text, time.Duration(d), err, want)
		}
	}
	for _, text := range []string{"", "0", "0s", "0d", "-1h", "-1d", "90", "d", "1.5d", "1d12h", "65536d", "7 d", "soon"} {
		var d worker.Days
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

func TestAuthor(t *testing.T) {
	t.Parallel()
	var a worker.Author
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
