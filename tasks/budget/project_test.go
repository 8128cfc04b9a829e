package budget_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

// TestProjectOfManyAccounts has each of them want more than there is for all.
func TestProjectOfManyAccounts(t *testing.T) {
	t.Parallel()
	const rate, slack = 6000, 500 * time.Millisecond
	b := budget.New(redistest.Start(t).Client(), budget.WithProject(rate), only(budget.Limits{Rate: 6000, Concurrency: 4}))
	var mu sync.Mutex
	sent := map[string]int{}
	begun := time.Now()
	var all sync.WaitGroup
	for i := range 4 {
		from := "shop" + strconv.Itoa(i) + "@example.com"
		all.Go(func() {
			workers(t, 3, 1500*time.Millisecond, func(ctx context.Context) {
				s := mail()
				if !await(ctx, t, b, from, s) {
					return
				}
				mu.Lock()
				sent[from]++
				mu.Unlock()
				_ = b.Give(ctx, from, s, budget.Used) // The time may be over.
			})
		})
	}
	all.Wait()
	most := int((time.Since(begun)+slack)*rate/(time.Minute+slack)) + 1
	n := 0
	for _, one := range sent {
		n += one
	}
	if n > most || n < most/2 || len(sent) != 4 {
		t.Errorf("%v: %d sends, want at most %d, not much less, and of all four", sent, n, most)
	}
}

// TestTheProjectsNo takes back the account's yes.
func TestTheProjectsNo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, budget.WithProject(60), only(budget.Limits{Rate: 60, Daily: 100, Concurrency: 4}))
		other := mail()
		if a, err := b.Take(t.Context(), "news@example.com", other); err != nil || !a.Go {
			t.Fatalf("the first is answered %+v, %v", a, err)
		}
		s := mail()
		if a := mustWait(t, b, s, budget.Project); a.Wait > time.Second {
			t.Errorf("the wait is %v, want at most a second", a.Wait)
		}
		if got := look(t, b); got.InFlight != 0 || got.Messages != 0 {
			t.Errorf("%+v, want nothing booked", got)
		}
		// Its slot in its own rate is free for who asks no project.
		mustGo(t, budget.New(rdb, only(budget.Limits{Rate: 60})), mail())
	})
}

// TestALostAnswerOfTheProject books one slot of its own.
func TestALostAnswerOfTheProject(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb, budget.WithProject(60), only(budget.Limits{}))
		s := mail()
		for range 3 {
			mustGo(t, b, s)
		}
		if a := mustWait(t, b, mail(), budget.Project); a.Wait > time.Second {
			t.Errorf("the next waits %v, want at most a second", a.Wait)
		}
	})
}

func TestCriticalGoesNextInTheProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb, budget.WithProject(600), only(budget.Limits{}))
	from := func(account string, s budget.Send) budget.Answer {
		a, err := b.Take(t.Context(), account, s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for range 5 { // Half a second's worth goes at once.
		mustGo(t, b, mail())
	}
	urgent, other := criticalMail(), mail()
	mustWait(t, b, other, budget.Project)
	w.pass(from("news@example.com", urgent).Wait)
	mustWait(t, b, other, budget.Project)
	if a := from("news@example.com", urgent); !a.Go {
		t.Errorf("critical mail is answered %+v, want go", a)
	}
	w.pass(mustWait(t, b, other, budget.Project).Wait)
	mustGo(t, b, other)
}
