package main

import (
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/directory"
)

// TestUnpublishedIsSaidOnce has Redis go, come back, and go again.
func TestUnpublishedIsSaidOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	core, seen := observer.New(zapcore.WarnLevel)
	w := &worker{directory: directory.New(server.Client()), log: zap.New(core)}
	f := follower{readAt: time.Now()}
	publish := func(want int) {
		t.Helper()
		f.publishedAt = time.Time{}
		w.publish(t.Context(), &f, directory.Listing{})
		if n := seen.FilterMessage("accounts and templates not published for producers").Len(); n != want {
			t.Errorf("%d warnings, want %d", n, want)
		}
	}
	publish(0)
	server.Kill()
	publish(1)
	publish(1)
	server.Restart()
	publish(1)
	if f.publishedAt.IsZero() {
		t.Error("not published, though Redis is back")
	}
	server.Kill()
	publish(2)
}

// TestNewsIsPublishedAtOnce, and what is known already only now and then.
func TestNewsIsPublishedAtOnce(t *testing.T) {
	t.Parallel()
	w := &worker{directory: directory.New(redistest.Start(t).Client()), log: zap.NewNop()}
	f := follower{readAt: time.Now()}
	trouble := func(reason string) *directory.Trouble {
		if reason == "" {
			return nil
		}
		return &directory.Trouble{Blocked: true, Reason: reason}
	}
	for _, reason := range []string{"", "invalid_grant", "invalid_client", ""} {
		l := directory.Listing{Accounts: []directory.Account{{Address: shop, Trouble: trouble(reason)}}}
		w.publish(t.Context(), &f, l)
		d, err := w.directory.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		a, _ := d.Account(shop)
		if got := a.Trouble; (got == nil) != (reason == "") || got != nil && got.Reason != reason {
			t.Errorf("published %+v, want %q", got, reason)
		}
		at := f.publishedAt
		w.publish(t.Context(), &f, directory.Listing{Accounts: []directory.Account{{Address: shop, Trouble: trouble(reason)}}})
		if f.publishedAt != at {
			t.Errorf("%q was published twice in a row", reason)
		}
	}
}
