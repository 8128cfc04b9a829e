package delivery_test

import (
	"context"
	"net"
	"strings"
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

// isAsynqs reports whether a command is a script of asynq's.
func isAsynqs(cmd redis.Cmder) bool {
	args := cmd.Args()
	if len(args) < 4 || cmd.Name() != "evalsha" {
		return false
	}
	key, _ := args[3].(string)
	return strings.HasPrefix(key, "asynq:")
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
		if !isAsynqs(cmds[len(cmds)-1]) { // Else it is asynq's call, and ours went along.
			t.count(cmds[0])
		}
		return next(ctx, cmds)
	}
}

// TestRoundTrips counts what ledger and budget ask Redis for a mail. asynq's own
// calls are not among them.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name           string
		limited, apart bool
		want           int
	}{
		{"without limits", false, false, 1}, // The claim: the outcome goes with asynq's own call.
		{"with a rate", true, false, 2},     // The account's turn too, which the outcome gives back.
		{"in a Cluster", false, true, 2},    // The outcome goes by itself.
		{"in a Cluster with a rate", true, true, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			want := row.want
			if row.limited {
				o.allow(budget.Change{Rate: budget.To(budget.MaxLimit), Concurrency: budget.To(100)})
			}
			if row.apart {
				o.cfg.Redis = apart{o.cfg.Redis}
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
			if got := n.Load() - before; got > int64(want*mails)+looks || got < int64(want*mails) {
				t.Errorf("%d round trips for %d mails and %d looks, want %d a mail", got, mails, looks, want)
			}
		})
	}
}
