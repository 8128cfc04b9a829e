package delivery

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
)

// TestABlockOfAReplacedCredential is what an old credential met, in the moment in
// which its owner logged in anew: that holds up nobody, and nobody is told.
func TestABlockOfAReplacedCredential(t *testing.T) {
	t.Parallel()
	for revision, blocked := range map[int64]bool{0: false, 1: true} {
		told := make(chan string, 1)
		h := &handler{log: zap.NewNop(), gate: newGate(time.Now), Config: &Config{
			Now: time.Now, Log: zap.NewNop(),
			Mark: func(_ context.Context, _ Account, blocked, _ string) error {
				told <- blocked
				return nil
			},
		}}
		h.life = t.Context()
		h.current.Store(&Account{Address: "shop@example.com", Revision: 1})
		a := &attempt{handler: h, sentBy: &Account{Address: "shop@example.com", Revision: revision}}
		c := a.block(&mailer.Error{Class: mailer.Blocked, Text: "invalid_grant"})
		if now, _ := h.gate.state(ordinary); (now.kind != "") != blocked || (c.kind != "") != blocked {
			t.Errorf("revision %d: the gate is %+v, the mail meets %+v; want it closed: %v", revision, now, c, blocked)
		}
		if blocked {
			<-told
		} else if len(told) > 0 {
			t.Error("others are told")
		}
	}
}
