package delivery_test

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks/budget"
)

// TestBudgetsAreMeasured sends some mail, and has Redis go: what is not known is
// not shown. Two of the three accounts look the same, and one of them has no
// limit a minute.
func TestBudgetsAreMeasured(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	registry := prometheus.NewRegistry()
	o.cfg.Metrics = registry
	o.cfg.Accounts = append(o.cfg.Accounts,
		recorded("one@example.net", &mailertest.Recorder{}), recorded("other@example.net", &mailertest.Recorder{}))
	o.allow(budget.Change{Rate: budget.To(1200), Daily: budget.To(100), Recipients: budget.To(500), Concurrency: budget.To(2)})
	for address, c := range map[string]budget.Change{
		"one@example.net":   {Rate: budget.To(60), Daily: budget.To(10), Concurrency: budget.To(2)},
		"other@example.net": {Daily: budget.To(20), Concurrency: budget.To(3)},
	} {
		if _, err := budget.New(o.rdb).SetLimits(t.Context(), address, c); err != nil {
			t.Fatal(err)
		}
	}
	o.work()
	ids := append(o.enqueueMany(2), o.enqueue(to(5)))
	o.eventually("the mail", func() bool { return o.sent(ids) == len(ids) })
	if _, err := budget.New(o.rdb).Cut(t.Context(), shop, budget.CutConcurrency); err != nil {
		t.Fatal(err)
	}
	const want = `
# HELP postroom_account_day_limit What may go out in 24 hours.
# TYPE postroom_account_day_limit gauge
postroom_account_day_limit{account="o***@example.net",of="messages"} 30
postroom_account_day_limit{account="s***@example.com",of="messages"} 100
postroom_account_day_limit{account="s***@example.com",of="recipients"} 500
# HELP postroom_account_day_used What went out in the last 24 hours.
# TYPE postroom_account_day_used gauge
postroom_account_day_used{account="o***@example.net",of="messages"} 0
postroom_account_day_used{account="o***@example.net",of="recipients"} 0
postroom_account_day_used{account="s***@example.com",of="messages"} 3
postroom_account_day_used{account="s***@example.com",of="recipients"} 7
# HELP postroom_account_in_flight Sends that are on their way.
# TYPE postroom_account_in_flight gauge
postroom_account_in_flight{account="o***@example.net"} 0
postroom_account_in_flight{account="s***@example.com"} 0
# HELP postroom_account_in_flight_limit Sends that may be on their way at once now.
# TYPE postroom_account_in_flight_limit gauge
postroom_account_in_flight_limit{account="o***@example.net"} 5
postroom_account_in_flight_limit{account="s***@example.com"} 1
# HELP postroom_account_rate_limit_per_minute Sends a minute that are allowed as long as Gmail takes them.
# TYPE postroom_account_rate_limit_per_minute gauge
postroom_account_rate_limit_per_minute{account="s***@example.com"} 1200
# HELP postroom_account_rate_per_minute Sends a minute that are allowed now.
# TYPE postroom_account_rate_per_minute gauge
postroom_account_rate_per_minute{account="s***@example.com"} 1200
`
	names := []string{
		"postroom_account_day_limit", "postroom_account_day_used", "postroom_account_in_flight",
		"postroom_account_in_flight_limit", "postroom_account_rate_limit_per_minute", "postroom_account_rate_per_minute",
	}
	var differs error
	defer func() {
		if t.Failed() {
			t.Log(differs)
		}
	}()
	o.eventually("the metrics", func() bool {
		differs = testutil.GatherAndCompare(registry, strings.NewReader(want), names...)
		return differs == nil
	})
	o.redis.Kill()
	o.eventually("the metrics to end", func() bool {
		n, err := testutil.GatherAndCount(registry, names...)
		return err == nil && n == 0
	})
	o.redis.Restart()
	o.eventually("the metrics to be back", func() bool {
		n, err := testutil.GatherAndCount(registry, names...)
		return err == nil && n > 0
	})
}
