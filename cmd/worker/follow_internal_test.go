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
		w.publish(t.Context(), &f)
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
