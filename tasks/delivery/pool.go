package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"go.uber.org/zap"
)

// Pool delivers the mail of all its accounts.
type Pool struct {
	cfg       Config
	metrics   *metrics
	inspector *asynq.Inspector
	polling   polling
	reach     reach
	// life ends when Run does, after the grace time.
	life    context.Context //nolint:containedctx // It spans all handlers, and Run is not their caller.
	endLife context.CancelFunc
	late    sync.WaitGroup

	mu      sync.Mutex
	boxes   []*postbox     // Sorted by address.
	start   func(*postbox) // Does nothing unless Run goes on.
	running sync.WaitGroup
}

// NewPool returns a Pool that does nothing yet.
func NewPool(cfg Config) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	p := &Pool{cfg: cfg, inspector: asynq.NewInspectorFromRedisClient(cfg.Redis), start: notNow}
	p.metrics = newMetrics(cfg.Metrics, newStandings(p), newBudgets(p))
	p.life, p.endLife = context.WithCancel(context.Background())
	if err := p.SetAccounts(cfg.Accounts); err != nil {
		return nil, err
	}
	return p, nil
}

// SetAccounts says which accounts there are now, and how they stand, also while
// the Pool runs. Mail of one that is new is taken up at once. One that is gone
// ends as all do when Run ends. One whose credential is another (Revision), or
// that is not Blocked any more, sends again with the next mail.
func (p *Pool) SetAccounts(all []Account) error {
	if err := validateAccounts(all, p.cfg.Redact); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.polling.share(len(all), int(ranks)*len(shares(p.cfg.Concurrency)))
	had := make(map[string]*postbox, len(p.boxes))
	for _, box := range p.boxes {
		had[strings.ToLower(box.address)] = box
	}
	p.boxes = make([]*postbox, 0, len(all))
	for _, account := range all {
		key := strings.ToLower(account.Address)
		box := had[key]
		delete(had, key)
		if box != nil {
			box.become(account)
		} else {
			box = p.newPostbox(account)
			p.start(box)
		}
		p.boxes = append(p.boxes, box)
	}
	for _, gone := range had {
		gone.end()
	}
	slices.SortFunc(p.boxes, func(a, b *postbox) int { return strings.Compare(a.address, b.address) })
	return nil
}

func (p *Pool) newPostbox(account Account) *postbox {
	h := &handler{
		Config: &p.cfg, address: account.Address, gate: newGate(p.cfg.Now), line: newLineUp(), empty: newEmpties(&p.polling),
		riders: newRiders(), reach: &p.reach, polling: &p.polling, metrics: p.metrics, life: p.life, log: p.cfg.Log,
		lastErrorOf: func(queue, id string) (string, error) {
			info, err := p.inspector.GetTaskInfo(queue, id)
			if err != nil {
				return "", fmt.Errorf("look at the task: %w", err)
			}
			return info.LastErr, nil
		},
	}
	h.others = func(each func(*handler)) { p.eachBut(h, each) }
	h.current.Store(&account)
	h.learnBlock(account)
	return &postbox{handler: h, late: &p.late, end: func() {}}
}

func (p *Pool) eachBut(one *handler, each func(*handler)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, box := range p.boxes {
		if box.handler != one {
			each(box.handler)
		}
	}
}

// Run delivers until ctx is done. Then no more mail is taken; what is sending
// has the grace time to end; the rest goes back to the head of its queue.
// Redis being away, now or later, is not an error: Run waits for it, but for a
// few seconds at the end. Asynq's servers may use the Redis clients for longer
// than that, and panic where one is closed: leave them to the process's end.
// A Pool runs once.
func (p *Pool) Run(ctx context.Context) error {
	defer p.endLife()
	p.open(ctx)
	<-ctx.Done()
	accounts := p.shut()
	p.running.Wait()
	p.cfg.Log.Info("all mail put back or delivered", zap.Int("accounts", accounts))
	return nil
}

// open has all accounts served, and those to come.
func (p *Pool) open(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.start = func(box *postbox) {
		var own context.Context
		own, box.end = context.WithCancel(ctx)
		p.running.Go(func() { box.run(own) })
	}
	for _, box := range p.boxes {
		p.start(box)
	}
}

func notNow(*postbox) {}

// shut takes on no more accounts, and says how many there were.
func (p *Pool) shut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.start = notNow
	return len(p.boxes)
}

// AccountState is how an account stands in this process.
type AccountState struct {
	// Address is the account's.
	Address string
	// State is sending, or why it can't: frozen, unreachable, blocked, spent.
	State string
	// Reason and Remedy are for people; empty while it sends.
	Reason, Remedy string
	// Until is when it tries again; zero while it sends. For one that is blocked
	// it may be over: no mail has tried since.
	Until time.Time
}

// Accounts tells how each account stands.
func (p *Pool) Accounts() []AccountState {
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make([]AccountState, len(p.boxes))
	for i, box := range p.boxes {
		states[i] = AccountState{Address: box.address, State: "sending"}
		if c := box.gate.standing(); c.kind != "" {
			states[i].State, states[i].Reason, states[i].Remedy = c.kind, c.reason, c.remedy
			states[i].Until = c.until
		}
	}
	return states
}
