package delivery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"go.uber.org/zap"
)

// Pool delivers the mail of all its accounts.
type Pool struct {
	cfg      Config
	accounts []*postbox
	// life ends when Run does, after the grace time.
	life    context.Context //nolint:containedctx // It spans all handlers, and Run is not their caller.
	endLife context.CancelFunc
	late    sync.WaitGroup
}

// NewPool returns a Pool that does nothing yet.
func NewPool(cfg Config) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	p := &Pool{cfg: cfg}
	p.life, p.endLife = context.WithCancel(context.Background())
	inspector := asynq.NewInspectorFromRedisClient(cfg.Redis)
	m := newMetrics(cfg.Metrics)
	for _, account := range cfg.Accounts {
		h := &handler{
			Config: &p.cfg, account: account, gate: newGate(cfg.Now), line: newLineUp(), empty: newEmpties(),
			metrics: m, life: p.life, log: cfg.Log,
			lastErrorOf: func(queue, id string) (string, error) {
				info, err := inspector.GetTaskInfo(queue, id)
				if err != nil {
					return "", fmt.Errorf("look at the task: %w", err)
				}
				return info.LastErr, nil
			},
		}
		p.accounts = append(p.accounts, &postbox{handler: h, polling: pollingFor(len(cfg.Accounts), cfg.Concurrency), late: &p.late})
	}
	return p, nil
}

// Run delivers until ctx is done. Then no more mail is taken; what is sending
// has the grace time to end; the rest goes back to the head of its queue.
// Redis being away, now or later, is not an error: Run waits for it, but for a
// few seconds at the end. Asynq's servers may use the Redis clients for longer
// than that, and panic where one is closed: leave them to the process's end.
// A Pool runs once.
func (p *Pool) Run(ctx context.Context) error {
	defer p.endLife()
	var running sync.WaitGroup
	for _, box := range p.accounts {
		running.Go(func() { box.run(ctx) })
	}
	running.Wait()
	p.cfg.Log.Info("all mail put back or delivered", zap.Int("accounts", len(p.accounts)))
	return nil
}

// AccountState is how an account stands in this process.
type AccountState struct {
	// Address is the account's.
	Address string
	// State is sending, or why it can't: frozen, unreachable, blocked.
	State string
	// Reason and Remedy are for people; empty while it sends.
	Reason, Remedy string
	// Until is when it tries again; zero while it sends.
	Until time.Time
}

// Accounts tells how each account stands.
func (p *Pool) Accounts() []AccountState {
	states := make([]AccountState, len(p.accounts))
	for i, box := range p.accounts {
		states[i] = AccountState{Address: box.account.Address, State: "sending"}
		if c, _ := box.gate.state(); c.kind != "" {
			states[i].State, states[i].Reason, states[i].Remedy = c.kind, c.reason, c.remedy
			states[i].Until = c.until
		}
	}
	return states
}
