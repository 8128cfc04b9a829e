package delivery

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
)

// closeGate lets the account's mail wait, for as long as an error says.
func (h *handler) closeGate(kind string, e *mailer.Error) closure {
	return h.closeUntil(kind, e.Error(), e.Remedy, e.RetryAt)
}

func (h *handler) closeUntil(kind, reason, remedy string, until time.Time) closure {
	c, news := h.gate.close(kind, reason, remedy, until)
	fields := []zap.Field{
		zap.String("account", h.Redact.Address(h.address)), zap.String("state", kind),
		zap.Time("until", c.until), zap.String("reason", reason),
	}
	switch {
	case kind != closedBlocked:
		h.log.Warn("account waits", fields...)
	case news: // A probe that meets the same is not.
		h.log.Error("account blocked", append(fields, zap.String("remedy", remedy))...)
	}
	return c
}

// block lets the account's mail wait until its credential works, and tells the
// other workers.
func (a *attempt) block(e *mailer.Error) closure {
	c := a.closeGate(closedBlocked, e)
	if a.sentBy.Revision != a.account().Revision { // It was replaced in this moment.
		a.gate.reset()
		return closure{}
	}
	a.mark(*a.sentBy, e.Error(), e.Remedy)
	return c
}

// mark tells the other workers how an account turned out to be. From then on
// that is how it stands here too: somebody may take the mark away before this
// worker has read it.
func (h *handler) mark(account Account, blocked, remedy string) {
	h.tell(func(ctx context.Context) error {
		if err := h.Mark(ctx, account, blocked, remedy); err != nil {
			return err
		}
		was := h.current.Load()
		now := *was
		now.Blocked, now.Remedy = blocked, remedy
		if was.Revision == account.Revision {
			h.current.CompareAndSwap(was, &now)
		}
		return nil
	})
}

// replacedText is what status says of a mail that met an old credential.
const replacedText = "the account's credential was replaced"

// unreached lets the account's mail wait, and all accounts' where it was not
// this mail's bad luck. A token endpoint is one account's own.
func (a *attempt) unreached(e *mailer.Error) closure {
	c := a.closeGate(closedUnreachable, e)
	if e.Everyone && a.reach.lost(a.id) {
		a.others(func(h *handler) { h.pauseOpen(closedUnreachable, c.reason) })
	}
	return c
}

// pauseOpen has an account wait for a moment that could send as far as is known.
// Its own mail has met nothing.
func (h *handler) pauseOpen(kind, reason string) {
	until := h.Now().Add(time.Second)
	if h.gate.pauseOpen(kind, reason, until) {
		h.log.Warn("account waits", zap.String("account", h.Redact.Address(h.address)), zap.String("state", kind),
			zap.Time("until", until), zap.String("reason", reason))
	}
}

// answered says that a mail was answered as mail is: the account sends.
func (a *attempt) answered() {
	a.reach.found()
	ended := a.gate.open(a.ticket)
	if ended == "" {
		return
	}
	a.log.Info("account sends again", zap.String("account", a.Redact.Address(a.address)), zap.String("state", ended))
	if ended == closedBlocked || a.account().Blocked != "" {
		a.mark(*a.sentBy, "", "")
	}
}

// become takes over how the account stands now: other workers, or a person,
// know better than what was learnt before.
func (h *handler) become(now Account) {
	was := h.current.Swap(&now)
	if now.Revision != was.Revision || now.Blocked == "" && was.Blocked != "" {
		if ended := h.gate.reset(); ended != "" {
			h.log.Info("account may send again", zap.String("account", h.Redact.Address(h.address)), zap.String("state", ended))
		}
	}
	if was.Blocked == "" || now.Revision != was.Revision {
		h.learnBlock(now)
	}
	h.gate.poke()
}

// learnBlock closes the gate of an account of which it is known already that it
// can't send.
func (h *handler) learnBlock(a Account) {
	if a.Blocked != "" {
		h.closeUntil(closedBlocked, a.Blocked, a.Remedy, time.Time{})
	}
}
