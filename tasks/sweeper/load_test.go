package sweeper_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// calls is how often Redis has done a command, and how long that took.
func (w *world) calls(command string) (calls int, took time.Duration) {
	w.t.Helper()
	stats, err := w.redis.Client().InfoMap(w.t.Context(), "commandstats").Result()
	w.must(err)
	for _, section := range stats {
		var us int64
		if _, err := fmt.Sscanf(section["cmdstat_"+command], "calls=%d,usec=%d,", &calls, &us); err == nil {
			return calls, time.Duration(us) * time.Microsecond
		}
	}
	return 0, 0
}

// TestAnIdleSweeperLeavesRedisAlone counts its calls with its defaults, in the
// one round that has nothing to do. The next one comes after a minute.
func TestAnIdleSweeperLeavesRedisAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Rate = 0
	began := time.Now()
	w.sweep()
	took := time.Since(began)
	n, _ := w.calls("evalsha")
	if most := 3 * ledger.Shards; n > most || n < ledger.Shards {
		t.Errorf("%d script calls in a round, want %d at most and some", n, most)
	}
	if perSecond := float64(n) / took.Seconds(); perSecond > 60 {
		t.Errorf("%.0f script calls a second, want at most 60", perSecond)
	}
}

// TestARoundComesToAll holds that a round leaves out none of the shards, wherever
// it begins.
func TestARoundComesToAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 1000 {
		id := strconv.Itoa(i)
		w.must(w.rdb.ZAdd(t.Context(), indexKey(id, "open"), redis.Z{Score: 1, Member: id}).Err())
	}
	w.sweep() // None of them has a record.
	for shard := range ledger.Shards {
		if open, _, err := w.ledger.Counts(t.Context(), shard); open != 0 || err != nil {
			t.Errorf("shard %d has %d that nobody looked at, %v", shard, open, err)
		}
	}
}

// TestTheRateIsKept holds that a round takes its time.
func TestTheRateIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const mails, rate = 500, 1000
	w.cfg.Rate = rate
	for i := range mails {
		w.enqueue(hello(), tasks.WithID(fmt.Sprint("mail-", i)))
	}
	s := w.sweeper()
	began := time.Now()
	w.round(s)
	took := time.Since(began)
	// All the mail, and what an empty page of each shard counts.
	if least := time.Second * mails / rate; took < least {
		t.Errorf("a round of %d mails took %v at %d a second", mails, took, rate)
	}
	if left, err := w.ledger.Open(t.Context(), shardOf("mail-0"), time.Minute, 10); err != nil || len(left) != 0 {
		t.Errorf("%d mails of a shard were not looked at, %v", len(left), err)
	}
}

// TestWhatAMailCosts holds what Redis does for a mail that is in order, in a
// queue as long as is searched.
func TestWhatAMailCosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const mails = 1000
	for range mails {
		w.enqueue(hello())
	}
	w.sweep() // Redis knows the scripts.
	for shard := range ledger.Shards {
		ids, err := w.ledger.Open(t.Context(), shard, 0, mails)
		w.must(err)
		for _, id := range ids {
			w.age(id, 6*time.Minute)
		}
	}
	commands, before := w.used()
	w.sweep()
	after, took := w.used()
	perMail := (took - before) / mails
	t.Logf("%v of Redis's time and %.1f commands a mail: %.2f %% of a Redis at 200 a second",
		perMail, float64(after-commands)/mails, perMail.Seconds()*200*100)
	if perMail > 150*time.Microsecond { // 3 % of a Redis.
		t.Errorf("%v of Redis's time a mail, want at most 150 µs", perMail)
	}
}

// used is how many commands Redis has done, and how long all took together.
func (w *world) used() (commands int, took time.Duration) {
	w.t.Helper()
	for _, command := range []string{"evalsha", "hgetall", "hget", "sscan", "zcard", "llen", "zrange"} {
		n, t := w.calls(command)
		if command != "hget" && command != "zcard" && command != "llen" { // Those are mostly the scripts' own.
			took += t
		}
		commands += n
	}
	return commands, took
}

// TestTheMetrics holds what they say, and that they are gone with the lease.
func TestTheMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	registry := prometheus.NewRegistry()
	w.cfg.Metrics, w.cfg.Pause = registry, time.Hour
	deleted, stays := w.enqueue(hello()), w.enqueue(hello())
	w.must(w.inspector.DeleteTask(queue, deleted))
	old := w.failed()
	w.archivedAgo(old, 31*day)
	elsewhere := hello()
	elsewhere.Account = "gone@example.com"
	w.enqueue(elsewhere, tasks.Force())
	stop := w.run(w.sweeper())
	w.eventually("a round has ended", func() bool { return len(gather(t, registry)["postroom_ledger_mails"]) == 2 })
	got := gather(t, registry)
	if at := got["postroom_sweeper_round_timestamp_seconds"][""]; at < float64(time.Now().Unix()-60) || at > float64(time.Now().Unix()+1) {
		t.Errorf("the round ended at %v", at)
	}
	for _, row := range []struct {
		name, label string
		want        float64
	}{
		{"postroom_sweeper_mended_total", "deleted", 1},
		{"postroom_sweeper_mended_total", "no_lease", 0},
		{"postroom_sweeper_trimmed_total", "", 1},
		{"postroom_ledger_mails", "open", 2},
		{"postroom_ledger_mails", "failed", 2},
		{"postroom_queues_unconsumed", "", 1},
	} {
		if value, ok := got[row.name][row.label]; !ok || value != row.want {
			t.Errorf("%s of %q = %v, %v; want %v", row.name, row.label, value, ok, row.want)
		}
	}
	if n := len(got["postroom_sweeper_mended_total"]); n != 7 {
		t.Errorf("%d values of found are there from the start, want 7", n)
	}
	stop()
	for name, series := range gather(t, registry) {
		if name != "postroom_sweeper_mended_total" && name != "postroom_sweeper_trimmed_total" && len(series) > 0 {
			t.Errorf("%s is still there after the end: %v", name, series)
		}
	}
	w.stands(stays, ledger.Queued)
}

// gather reads the metrics, by name and the value of their one label.
func gather(t *testing.T, from prometheus.Gatherer) map[string]map[string]float64 {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]float64{}
	for _, family := range families {
		series := map[string]float64{}
		for _, m := range family.GetMetric() {
			label := ""
			for _, l := range m.GetLabel() {
				label = l.GetValue()
			}
			series[label] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
		all[family.GetName()] = series
	}
	return all
}

// TestInTheEmbeddedRedis holds that `worker dev` may sweep.
func TestInTheEmbeddedRedis(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = rdb.Close() })
	w := worldOn(t, rdb)
	pending, deleted, aside := w.enqueue(hello()), w.enqueue(hello()), w.enqueue(hello())
	stuck := w.enqueue(hello())
	w.must(w.inspector.DeleteTask(queue, deleted))
	w.must(w.inspector.ArchiveTask(queue, aside))
	w.take(stuck, time.Now())
	w.must(rdb.ZRem(t.Context(), key("lease"), stuck).Err())
	w.sweep()
	w.found("deleted", "archived", "no_lease")
	if n := w.log.FilterMessage("mail not swept").Len(); n != 0 {
		t.Errorf("%d mails could not be swept", n)
	}
	w.task(pending, asynq.TaskStatePending)
	w.listed(stuck, "pending")
	w.keptWhole(aside)
}
