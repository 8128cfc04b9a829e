package main

import (
	"testing"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
)

// TestWaitingMail counts in queues that are there, and in those that are not.
func TestWaitingMail(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client()
	if n, err := waitingFor(t.Context(), rdb, shop); n != 0 || err != nil {
		t.Errorf("%d, %v where no queue is there, want none", n, err)
	}
	client := tasks.NewClient(rdb)
	for _, lane := range []tasks.Lane{tasks.Critical, tasks.Bulk} {
		mail := tasks.Email{To: tasks.Addresses{"ada@example.org"}, Account: shop, Subject: "Hi", Text: "Hello"}
		if _, err := client.Enqueue(t.Context(), mail, tasks.OnLane(lane), tasks.Force()); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := waitingFor(t.Context(), rdb, shop); n != 2 || err != nil {
		t.Errorf("%d, %v; want 2", n, err)
	}
	server.Kill()
	if _, err := waitingFor(t.Context(), rdb, shop); err == nil {
		t.Error("no error while Redis is away")
	}
}
