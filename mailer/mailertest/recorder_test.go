package mailertest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

func compose(t *testing.T, id string) *mailer.Message {
	t.Helper()
	m, err := mailer.Compose(mailer.Draft{
		MailID: id, From: mailer.Address{Address: "shop@example.com"}, To: []mailer.Address{{Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Hello", Text: "Hello"}, Date: time.Date(2026, 3, 7, 18, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	var r mailertest.Recorder
	throttled := &mailer.Error{Class: mailer.Throttled}
	r.Fail(throttled, nil)
	first := compose(t, "first")
	if _, err := r.Send(t.Context(), first); !errors.Is(err, throttled) {
		t.Errorf("got %v, want the scripted error", err)
	}
	sent, err := r.Send(t.Context(), first)
	if err != nil || sent.ID == "" || sent.ThreadID == "" {
		t.Errorf("got %+v, %v", sent, err)
	}
	again, err := r.Send(t.Context(), compose(t, "second"))
	if err != nil || again.ID == sent.ID {
		t.Errorf("got %+v, %v after %+v", again, err, sent)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Send(ended, first); mailer.ClassOf(err) != mailer.Unreachable {
		t.Errorf("with an ended context: %v", err)
	}
	if got := r.Messages(); len(got) != 2 || got[0] != first || got[1].MailID != "second" {
		t.Errorf("recorded %v", got)
	}
	if r.Sends() != 4 {
		t.Errorf("counted %d sends, want 4", r.Sends())
	}
}

func ExampleRecorder() {
	var sender mailertest.Recorder
	sender.Fail(&mailer.Error{Class: mailer.Temporary, Code: 503})

	message, err := mailer.Compose(mailer.Draft{
		MailID: "order-1001",
		From:   mailer.Address{Address: "shop@example.com"},
		To:     []mailer.Address{{Name: "Ada", Address: "ada@example.org"}},
		Content: mailer.Content{
			Subject: "Your order", Text: "Thank you.",
		},
		Date: time.Now(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // Your program, which tries again.
		sent, err := sender.Send(context.Background(), message)
		fmt.Println(sent.ID, err)
	}
	fmt.Println(len(sender.Messages()), "recorded:", sender.Messages()[0].MailID)
	// Output:
	//  temporary 503
	// recorded-1 <nil>
	// 1 recorded: order-1001
}
