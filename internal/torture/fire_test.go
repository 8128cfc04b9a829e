package torture_test

import (
	"cmp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/postroom/postroom/mailer/mailertest"
)

// action is a moment of an event: most have a begin and an end.
type action struct {
	at time.Duration
	do func()
}

// fire is what happens to a world.
type fire struct {
	*world

	happened map[kind]int
	pending  sync.WaitGroup
}

// burn has all events of the plan happen, from a time on, in the test's own
// goroutine: a Redis that does not start again ends the test.
func (f *fire) burn(from time.Time) {
	all := make([]action, 0, 2*len(f.plan.events))
	for _, e := range f.plan.events {
		all = append(all, f.actions(e)...)
	}
	slices.SortStableFunc(all, func(a, b action) int { return cmp.Compare(a.at, b.at) })
	for _, a := range all {
		if sleepUntil(f.t.Context(), from.Add(a.at)) != nil {
			return
		}
		a.do()
	}
	_ = sleepUntil(f.t.Context(), from.Add(f.plan.length)) // Then the test has ended.
	f.pending.Wait()
	f.crew.pending.Wait()
}

func (f *fire) actions(e event) []action {
	begin := func(do func()) action {
		return action{e.at, func() {
			f.happened[e.kind]++
			do()
		}}
	}
	end := func(do func()) action { return action{e.at + e.lasts, do} }
	switch e.kind {
	case killWorker:
		return []action{{e.at, func() { f.endWorker(e, syscall.SIGKILL) }}}
	case stopWorker:
		return []action{{e.at, func() { f.endWorker(e, syscall.SIGTERM) }}}
	case killRedis:
		return []action{begin(f.redis.Kill), end(f.redis.Restart)}
	case pauseRedis:
		return []action{begin(f.redis.Pause), end(f.redis.Resume)}
	case loseAnswers:
		return []action{begin(func() { f.pending.Go(func() { f.relays[e.whom].lose(e.lasts) }) })}
	case loseReceipts:
		return []action{begin(func() { f.pending.Go(func() { f.relays[f.plan.workers].lose(e.lasts) }) })}
	case expireTokens:
		return []action{begin(func() { f.gmail.ExpireTokens(e.account()) })}
	case refuseTokens:
		return []action{begin(func() {
			f.gmail.ScriptTokens(mailertest.BackendError(), mailertest.Cut())
			f.gmail.ExpireTokens(e.account())
		})}
	case cutGmail:
		return []action{begin(f.gmail.CloseConnections)}
	case gmailOut:
		return []action{begin(func() { f.gmail.setOut(true) }), end(func() { f.gmail.setOut(false) })}
	}
	panic("no such event: " + string(e.kind))
}

func (f *fire) endWorker(e event, signal syscall.Signal) {
	if f.crew.workers[e.whom].end(signal, e.lasts) {
		f.happened[e.kind]++
	}
}
