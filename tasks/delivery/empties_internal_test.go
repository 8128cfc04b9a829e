package delivery

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
)

// TestAnEmptyQueueIsAskedAgainSoon follows one that was empty while another had
// mail.
func TestAnEmptyQueueIsAskedAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := newEmpties(&polling{})
		check := func(when, queue string, want bool) {
			t.Helper()
			if got := e.skip(queue); got != want {
				t.Errorf("%s: %s skipped %v, want %v", when, queue, got, want)
			}
		}
		check("at the start", "bulk", false)
		e.note("bulk", false)
		check("idle", "bulk", false)
		e.note("default", true)
		check("busy", "bulk", true)
		check("busy", "default", false)
		time.Sleep(busyFor)
		check("no more mail", "bulk", false)
		e.note("bulk", false)
		for range emptyFor/busyFor - 1 {
			time.Sleep(busyFor)
			e.note("default", true)
		}
		check("busy for a while", "bulk", true)
		time.Sleep(busyFor - 1)
		e.note("default", true)
		time.Sleep(time.Nanosecond)
		check("busy for long", "bulk", false)
	})
}

// TestABusyServerAsksWhereMailIs takes mail from one of two queues, as asynq
// does, and counts how often Redis was asked.
func TestABusyServerAsksWhereMailIs(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{})}
	const mails = 200
	for i := range mails {
		if err := rdb.LPush(t.Context(), "asynq:{default}:pending", i).Err(); err != nil {
			t.Fatal(err)
		}
	}
	script := redis.NewScript(`redis.call("INCR", "asked") return redis.call("RPOP", KEYS[1])`)
	dequeue := func(queue string) (found bool) {
		err := script.Run(t.Context(), client, []string{"asynq:{" + queue + "}:pending", "asynq:{" + queue + "}:paused"}).Err()
		if err != nil && !errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
		return err == nil
	}
	for range mails {
		if dequeue("bulk") || !dequeue("default") {
			t.Fatal("took what was not there, or missed what was")
		}
	}
	asked, err := rdb.Get(t.Context(), "asked").Int()
	if err != nil {
		t.Fatal(err)
	}
	if asked < mails || asked > mails*3/2 {
		t.Errorf("asked %d times for %d mails, want little more than once for each", asked, mails)
	}
}

// TestAnErrorIsNoReasonToHurry fills Redis's memory: asynq asks again at once
// after an error, and Redis answers at once.
func TestAnErrorIsNoReasonToHurry(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	const pause = 100 * time.Millisecond
	client := steadfast{UniversalClient: rdb, line: newLineUp(), empty: newEmpties(&polling{}), pause: pause}
	script := redis.NewScript(`redis.call("INCR", KEYS[1])`)
	dequeue := func() (time.Duration, error) {
		began := time.Now()
		err := script.Run(t.Context(), client, []string{"asynq:{default}:pending", "asynq:{default}:paused"}).Err()
		return time.Since(began), err
	}
	if took, err := dequeue(); !errors.Is(err, redis.Nil) || took >= pause {
		t.Errorf("a script that Redis does not know yet: %v after %v, want no pause", err, took)
	}
	if err := rdb.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	if took, err := dequeue(); !redis.HasErrorPrefix(err, "OOM") || took < pause {
		t.Errorf("with Redis's memory full: %v after %v, want OOM after %v", err, took, pause)
	}
}
