package tasks_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

// account publishes one, the default, as its worker does.
func account(t *testing.T, rdb *redis.Client, a directory.Account) {
	t.Helper()
	a.Address, a.Default = "Shop@example.com", true
	publish(t, rdb, directory.Listing{Accounts: []directory.Account{a, {Address: "news@example.com"}}})
}

// waits holds what a new client says of a mail: what it waits for and until when,
// or that it is as it is without that. A zero time is none.
func waits(t *testing.T, rdb *redis.Client, id string, otherwise tasks.State, why string, until time.Time) {
	t.Helper()
	want := tasks.StateWaiting
	if why == "" {
		want = otherwise
	}
	s, err := tasks.NewClient(rdb).Status(t.Context(), id)
	if err != nil || s.State != want || s.Error != why {
		t.Errorf("status of %s: %+v, %v; want %s: %q", id, s, err, want, why)
	}
	if why != "" && (s.NextAt.IsZero() != until.IsZero() || s.NextAt.Sub(until).Abs() > 5*time.Second) {
		t.Errorf("status of %s: until %v, want %v", id, s.NextAt, until)
	}
}

// send uses up so many messages of the account's day.
func send(t *testing.T, rdb *redis.Client, critical bool, n int) {
	t.Helper()
	unlimited := budget.New(rdb, budget.WithDefaults(func(string) budget.Limits { return budget.Limits{} }))
	for i := range n {
		s := budget.Send{Token: time.Now().String() + string(rune('a'+i)), Recipients: 1, Critical: critical, Lease: time.Second}
		if a, err := unlimited.Take(t.Context(), "shop@example.com", s); err != nil || !a.Go {
			t.Fatal(a, err)
		}
	}
}

// TestStatusBehindAFreeze tells of mail in its queue, which no worker takes, what
// it waits for.
func TestStatusBehindAFreeze(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	e := letter()
	e.Account = "Shop@example.com"
	pending := enqueue(t, client, e).ID
	urgent := enqueue(t, client, e, tasks.OnLane(tasks.Critical)).ID
	scheduled := enqueue(t, client, e, tasks.In(time.Hour)).ID
	e.Account = "news@example.com"
	others := enqueue(t, client, e).ID
	freeze := budget.Freeze{Until: time.Now().Add(time.Minute), Reason: "429 rateLimitExceeded"}
	if _, err := budget.New(rdb).Freeze(t.Context(), "shop@example.com", freeze); err != nil {
		t.Fatal(err)
	}
	waits(t, rdb, pending, tasks.StateQueued, freeze.Reason, freeze.Until)
	waits(t, rdb, urgent, tasks.StateQueued, freeze.Reason, freeze.Until)
	waits(t, rdb, scheduled, tasks.StateScheduled, "", time.Time{})
	waits(t, rdb, others, tasks.StateQueued, "", time.Time{})
	if err := client.Cancel(t.Context(), pending); err != nil {
		t.Error(err)
	}
}

// TestStatusBehindASpentDay goes by the limits that the worker says, and by what
// is kept for critical mail.
func TestStatusBehindASpentDay(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	account(t, rdb, directory.Account{Limits: &directory.Limits{Daily: 10}})
	client := tasks.NewClient(rdb)
	pending := enqueue(t, client, letter()).ID
	urgent := enqueue(t, client, letter(), tasks.OnLane(tasks.Critical)).ID
	const spent = "the account's messages of 24 hours are used up"
	tomorrow := func() time.Time {
		s, err := budget.New(rdb, budget.WithDefaults(func(string) budget.Limits { return budget.Limits{Daily: 10} })).Look(t.Context(), "shop@example.com")
		if err != nil {
			t.Fatal(err)
		}
		return s.Spent.Until
	}
	send(t, rdb, false, 8)
	waits(t, rdb, pending, tasks.StateQueued, "", time.Time{})
	send(t, rdb, false, 1)
	until := tomorrow()
	if d := time.Until(until); d < 23*time.Hour || d > 25*time.Hour {
		t.Fatalf("the day is spent for %v", d)
	}
	waits(t, rdb, pending, tasks.StateQueued, spent, until)
	waits(t, rdb, urgent, tasks.StateQueued, "", time.Time{})
	send(t, rdb, true, 1)
	waits(t, rdb, urgent, tasks.StateQueued, spent, until)

	// What lasts longest counts.
	freeze := budget.Freeze{Until: time.Now().Add(time.Hour), Reason: "429"}
	if _, err := budget.New(rdb).Freeze(t.Context(), "shop@example.com", freeze); err != nil {
		t.Fatal(err)
	}
	waits(t, rdb, pending, tasks.StateQueued, spent, until)
}

// TestStatusBehindTrouble that a worker published: what needs a person is said
// before all else, and as long as it lasts.
func TestStatusBehindTrouble(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	e := letter()
	e.Account = "shop@example.com"
	named := enqueue(t, tasks.NewClient(rdb), e).ID
	unnamed := enqueue(t, tasks.NewClient(rdb), letter()).ID
	soon, past := time.Now().Add(10*time.Second), time.Now().Add(-time.Minute)
	freeze := budget.Freeze{Until: time.Now().Add(time.Minute), Reason: "429"}
	if _, err := budget.New(rdb).Freeze(t.Context(), "shop@example.com", freeze); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		trouble directory.Trouble
		why     string
		until   time.Time
	}{
		{directory.Trouble{Blocked: true, Until: soon, Reason: "invalid_grant"}, "invalid_grant", soon},
		{directory.Trouble{Blocked: true, Until: past, Reason: "invalid_grant"}, "invalid_grant", time.Time{}},
		{directory.Trouble{Until: soon, Reason: "no route to host"}, "429", freeze.Until},
		{directory.Trouble{Until: freeze.Until.Add(time.Minute), Reason: "no route to host"}, "no route to host", freeze.Until.Add(time.Minute)},
		{directory.Trouble{Until: past, Reason: "no route to host"}, "429", freeze.Until},
	} {
		account(t, rdb, directory.Account{Trouble: &test.trouble})
		waits(t, rdb, named, tasks.StateQueued, test.why, test.until)
		waits(t, rdb, unnamed, tasks.StateQueued, test.why, test.until)
	}
}

// TestStatusOfMailThatIsDue and was taken once: it is in its queue again, and waits
// for what its account waits for now.
func TestStatusOfMailThatIsDue(t *testing.T) {
	t.Parallel()
	for _, change := range []ledger.Change{
		{To: ledger.Waiting, Error: "frozen then"},
		{To: ledger.Retrying, Used: true, Error: "503"},
	} {
		t.Run(string(change.To), func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct {
				next  time.Time
				state tasks.State
				why   string
			}{
				{time.Now().Add(time.Hour), tasks.State(change.To), change.Error},
				{time.Now().Add(-time.Second), tasks.StateWaiting, "invalid_grant"},
			} {
				rdb := embedded(t)
				e := letter()
				e.Account = "shop@example.com"
				enqueue(t, tasks.NewClient(rdb, tasks.WithID(mailID)), e)
				account(t, rdb, directory.Account{Trouble: &directory.Trouble{Blocked: true, Reason: "invalid_grant"}})
				change.Next = test.next
				move(t, rdb, change.Used, &change)
				s, err := tasks.NewClient(rdb).Status(t.Context(), mailID)
				if err != nil || s.State != test.state || s.Error != test.why {
					t.Errorf("next at %v: %+v, %v; want %s: %q", test.next, s, err, test.state, test.why)
				}
			}
		})
	}
}

// TestStatusBesideABrokenDirectory is what the ledger says.
func TestStatusBesideABrokenDirectory(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	id := enqueue(t, tasks.NewClient(rdb), letter()).ID
	account(t, rdb, directory.Account{})
	if err := rdb.HSet(t.Context(), "postroom:{directory}:entries", "account:shop@example.com", "?").Err(); err != nil {
		t.Fatal(err)
	}
	waits(t, rdb, id, tasks.StateQueued, "", time.Time{})
}
