package budget_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/budget"
)

func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	workspace := budget.Limits{Rate: 60, Daily: 2000, Recipients: 10_000, Concurrency: 4}
	consumer := budget.Limits{Rate: 60, Daily: 500, Recipients: 500, Concurrency: 4}
	for address, want := range map[string]budget.Limits{
		"shop@example.com": workspace, "a@gmail.com.example.org": workspace, "gmail.com@example.org": workspace, "": workspace,
		"ada@gmail.com": consumer, "Ada@GMail.com": consumer, "ada@googlemail.com": consumer,
	} {
		if got := budget.DefaultLimits(address); got != want {
			t.Errorf("%q: %+v, want %+v", address, got, want)
		}
	}
}

func TestSetLimits(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		b := budget.New(rdb)
		check := func(c, want budget.Change, limits budget.Limits) {
			t.Helper()
			got, err := b.SetLimits(t.Context(), "Shop@Example.com", c)
			if err != nil || got != want {
				t.Errorf("set are %+v (%v), want %+v", got, err, want)
			}
			if l := look(t, b).Limits; l != limits {
				t.Errorf("the limits are %+v, want %+v", l, limits)
			}
		}
		d := budget.ToDefault()
		check(budget.Change{}, budget.Change{Rate: d, Daily: d, Recipients: d, Concurrency: d},
			budget.Limits{Rate: 60, Daily: 2000, Recipients: 10_000, Concurrency: 4})
		check(budget.Change{Rate: budget.To(30), Daily: budget.To(0)},
			budget.Change{Rate: budget.To(30), Daily: budget.To(0), Recipients: d, Concurrency: d},
			budget.Limits{Rate: 30, Daily: 0, Recipients: 10_000, Concurrency: 4})
		check(budget.Change{Rate: d, Recipients: budget.To(7), Concurrency: budget.To(2)},
			budget.Change{Rate: d, Daily: budget.To(0), Recipients: budget.To(7), Concurrency: budget.To(2)},
			budget.Limits{Rate: 60, Daily: 0, Recipients: 7, Concurrency: 2})
		check(budget.Change{Rate: d, Daily: d, Recipients: d, Concurrency: d},
			budget.Change{Rate: d, Daily: d, Recipients: d, Concurrency: d}, budget.DefaultLimits(account))
		if n := rdb.DBSize(t.Context()).Val(); n != 0 {
			t.Errorf("%d keys are left, want none", n)
		}
		if n, ok := budget.To(30).Number(); n != 30 || !ok {
			t.Errorf("the number is %d, %v", n, ok)
		}
		if _, ok := d.Number(); ok {
			t.Error("the default is a number")
		}
	})
}

func TestSetLimitsRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := budget.New(w.rdb)
	for name, c := range map[string]budget.Change{
		"rate -1": {Rate: budget.To(-1)}, "daily 1000000001": {Daily: budget.To(1_000_000_001)},
		"recipients -5": {Recipients: budget.To(-5), Rate: budget.To(5)}, "concurrency -2": {Concurrency: budget.To(-2)},
	} {
		_, err := b.SetLimits(t.Context(), account, c)
		if err == nil || !strings.Contains(err.Error(), name+": must be a number from 0 (no limit) to 1000000000") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if l := look(t, b).Limits; l != budget.DefaultLimits(account) {
		t.Errorf("the limits are %+v, want the defaults", l)
	}
	w.server.HSet("postroom:{budget:shop@example.com}:limits", "rate", "many")
	if _, err := b.SetLimits(t.Context(), account, budget.Change{}); err == nil || !strings.Contains(err.Error(), `rate is "many"`) {
		t.Errorf("a limit that is no number: %v", err)
	}
}

// TestLimitsHoldFromTheNextTake, for a Budget that knows nothing of the change.
func TestLimitsHoldFromTheNextTake(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		person, b := budget.New(rdb), budget.New(rdb)
		set(t, person, budget.Change{Rate: budget.To(1), Concurrency: budget.To(0)})
		mustGo(t, b, mail())
		if a := mustWait(t, b, mail(), budget.Rate); a.Wait < 50*time.Second {
			t.Errorf("at one a minute the wait is %v", a.Wait)
		}
		set(t, person, budget.Change{Rate: budget.To(600_000)})
		mustGo(t, b, mail())
		set(t, person, budget.Change{Concurrency: budget.To(3)})
		mustWait(t, b, mail(), budget.Concurrency)
		set(t, person, budget.Change{Concurrency: budget.To(0), Daily: budget.To(2)})
		mustWait(t, b, mail(), budget.Daily)
		set(t, person, budget.Change{Daily: budget.To(3), Recipients: budget.To(2)})
		mustWait(t, b, mail(), budget.Recipients)
		set(t, person, budget.Change{Recipients: budget.To(3)})
		mustGo(t, b, mail())
		set(t, person, budget.Change{Daily: budget.ToDefault(), Recipients: budget.ToDefault(), Rate: budget.To(0)})
		mustGo(t, b, mail())
	})
}
