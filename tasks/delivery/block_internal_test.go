package delivery

import (
	"testing"
	"time"
)

func TestOneOddMailNeverBlocksAnAccount(t *testing.T) {
	t.Parallel()
	g := newGate(time.Now)
	for range 3 {
		if g.suspectBlocked("odd") {
			t.Error("one mail alone was proof")
		}
	}
	if !g.suspectBlocked("second") {
		t.Error("a second mail was no proof")
	}
	g.open(ticket{epoch: g.epoch})
	if g.suspectBlocked("second") {
		t.Error("one mail alone was proof, after another got through")
	}
}

// TestABlockThatIsProven blames no mail that meets it, not even the one that
// met it first.
func TestABlockThatIsProven(t *testing.T) {
	t.Parallel()
	g := newGate(time.Now)
	for range 2 {
		if g.suspectBlocked("one") {
			t.Error("one mail alone proved a block")
		}
	}
	if !g.suspectBlocked("two") {
		t.Error("two mails did not prove a block")
	}
	g.close(closedBlocked, "400", "", time.Time{})
	if !g.suspectBlocked("one") {
		t.Error("the first mail is suspected again")
	}
	g.open(ticket{epoch: g.epoch})
	if g.suspectBlocked("three") {
		t.Error("one mail proved a block after the account had sent")
	}
}
