package torture_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// kind is what happens to a process or a connection.
type kind string

const (
	killWorker   kind = "worker killed"
	stopWorker   kind = "worker restarted"
	killRedis    kind = "Redis killed"
	pauseRedis   kind = "Redis paused"
	loseAnswers  kind = "Redis's answers to a worker lost"
	loseReceipts kind = "Redis's answers to producers lost"
	expireTokens kind = "tokens ended"
	refuseTokens kind = "token endpoint out"
	cutGmail     kind = "connections to Gmail cut"
	gmailOut     kind = "Gmail out"
)

// event is one thing that happens.
type event struct {
	at    time.Duration // From the start.
	kind  kind
	whom  int           // Worker, relay or account.
	lasts time.Duration // Of a worker: how long it is away.
}

func (e event) String() string {
	switch e.kind {
	case killWorker, stopWorker:
		return fmt.Sprintf("%s: %d, away for %v", e.kind, e.whom, e.lasts)
	case loseAnswers:
		return fmt.Sprintf("%s: %d, for %v, then its connections cut", e.kind, e.whom, e.lasts)
	case expireTokens, refuseTokens:
		return fmt.Sprintf("%s: %s", e.kind, e.account())
	case killRedis, pauseRedis, gmailOut, loseReceipts:
		return fmt.Sprintf("%s for %v", e.kind, e.lasts)
	case cutGmail:
	}
	return string(e.kind)
}

func (e event) account() string { return []string{firstAccount, secondAccount}[e.whom] }

// series is events that do not overlap.
type series struct {
	kinds             []kind        // In turn,
	every             time.Duration // so often, and once each at least.
	shortest, longest time.Duration
	whom              int // Of so many, and never the same twice in a row.
}

// newEvents makes all series.
func newEvents(r *rand.Rand, length time.Duration, workers int) []event {
	const ms = time.Millisecond
	all := []series{
		{kinds: []kind{killWorker, stopWorker}, every: 2 * time.Second, shortest: 50 * ms, longest: 1500 * ms, whom: workers},
		{kinds: []kind{killRedis, pauseRedis}, every: 9 * time.Second, shortest: 300 * ms, longest: 6000 * ms},
		{kinds: []kind{loseAnswers}, every: 3 * time.Second, shortest: 1 * ms, longest: 300 * ms, whom: workers},
		{kinds: []kind{loseReceipts}, every: 2 * time.Second, shortest: 1 * ms, longest: 300 * ms},
		// Of one account seldom: a new token that ends before its first use is what blocks an account.
		{kinds: []kind{expireTokens, refuseTokens}, every: 8 * time.Second, whom: 2},
		{kinds: []kind{cutGmail}, every: 10 * time.Second},
		{kinds: []kind{gmailOut}, every: 30 * time.Second, shortest: 300 * ms, longest: 1500 * ms},
	}
	var events []event //nolint:prealloc // Nobody knows how many.
	for _, s := range all {
		events = append(events, s.events(r, length)...)
	}
	slices.SortStableFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	return events
}

// events divides the time evenly, and places one event in each part.
func (s series) events(r *rand.Rand, length time.Duration) []event {
	n := max(len(s.kinds), int(length/s.every))
	part := length / time.Duration(n)
	first, whom := r.IntN(len(s.kinds)), 0
	all := make([]event, n)
	for i := range all {
		lasts := s.shortest
		if longest := min(s.longest, part*6/10, length/10); longest > s.shortest {
			lasts += time.Duration(r.Int64N(int64(longest - s.shortest)))
		}
		if s.whom > 0 {
			whom = (whom + 1 + r.IntN(s.whom-1)) % s.whom
		}
		at := time.Duration(i)*part + time.Duration(r.Int64N(int64(max(1, part-lasts))))
		all[i] = event{at, s.kinds[(first+i)%len(s.kinds)], whom, lasts.Round(time.Millisecond)}
	}
	return all
}
