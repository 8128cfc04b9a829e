package delivery_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/ledger"
)

// trips counts a client's round trips.
type trips struct{ atomic.Int64 }

var _ redis.Hook = (*trips)(nil)

func (t *trips) count(first redis.Cmder) {
	if name := first.Name(); name != "hello" && name != "client" { // How a new connection begins.
		t.Add(1)
	}
}

func (*trips) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (t *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		t.count(cmd)
		return next(ctx, cmd)
	}
}

func (t *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		t.count(cmds[0])
		return next(ctx, cmds)
	}
}

// TestRoundTrips counts what ledger and budget ask Redis for a mail. asynq's own
// calls are not among them.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]bool{"without limits": false, "with a rate": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			want := 2 // Claim, and outcome.
			if limited {
				o.allow(budget.Change{Rate: budget.To(budget.MaxLimit), Concurrency: budget.To(100)})
				want = 3 // The account's turn too, which the outcome gives back.
			}
			counted, n := o.redis.Client(), &trips{}
			counted.AddHook(n)
			o.cfg.Ledger = ledger.New(counted, ledger.Lifetimes{})
			o.cfg.Budget = budget.New(counted, budget.WithDefaults(unlimited))
			o.work()
			o.await(o.enqueue(hello()), ledger.Sent) // The scripts are known from here on.
			before, since := n.Load(), time.Now()
			const mails = 50
			for _, id := range o.enqueueMany(mails) {
				o.await(id, ledger.Sent)
			}
			looks := int64(time.Since(since)/budgetLooks) + 1 // At the account's limits, whatever is sent.
			if got := n.Load() - before; got > int64(want*mails)+looks {
				t.Errorf("%d round trips for %d mails and %d looks, want %d a mail", got, mails, looks, want)
			}
		})
	}
}
