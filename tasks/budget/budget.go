package budget

import (
	_ "embed" // The scripts.
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The scripts, each of bounded work however much was sent.
var (
	//go:embed shared.lua
	sharedSource string
	//go:embed day.lua
	daySource string
	//go:embed pace.lua
	paceSource string
	//go:embed take.lua
	takeSource string
	//go:embed give.lua
	giveSource string
	//go:embed cut.lua
	cutSource string
	//go:embed look.lua
	lookSource string
	//go:embed project.lua
	projectSource string

	takeScript    = redis.NewScript(sharedSource + daySource + paceSource + takeSource)
	giveScript    = redis.NewScript(sharedSource + paceSource + giveSource)
	cutScript     = redis.NewScript(sharedSource + cutSource)
	lookScript    = redis.NewScript(sharedSource + daySource + lookSource)
	projectScript = redis.NewScript(sharedSource + paceSource + projectSource)
)

// Budget reads and writes accounts' budgets. It is safe for concurrent use.
type Budget struct {
	rdb      redis.UniversalClient
	defaults func(account string) Limits
	window   time.Duration
	project  int
}

// An Option says what budgets are without a word about one account.
type Option func(*Budget)

// WithDefaults gives the limits of accounts that have none of their own set.
// Without it: DefaultLimits.
func WithDefaults(of func(account string) Limits) Option {
	return func(b *Budget) { b.defaults = of }
}

// WithWindow says how long the "day" of Daily and Recipients is. Workers that
// share a Redis must agree on it. Without it: 24 hours.
func WithWindow(d time.Duration) Option { return func(b *Budget) { b.window = d } }

// WithProject limits the sends a minute of all accounts together. Workers that
// share a Redis should agree on it. Without it, and with 0: no limit.
func WithProject(rate int) Option { return func(b *Budget) { b.project = rate } }

// New returns the budgets in rdb.
func New(rdb redis.UniversalClient, options ...Option) *Budget {
	b := &Budget{rdb: rdb, defaults: DefaultLimits, window: 24 * time.Hour}
	for _, o := range options {
		o(b)
	}
	return b
}

// The keys of an account, by what they hold.
const (
	limitsKey   = "limits"   // Hash: what is set for it.
	freezeKey   = "freeze"   // Hash: until when, and why.
	cutKey      = "cut"      // Hash: what failed, and when.
	paceKey     = "pace"     // Hash: the latest slot in the rate.
	waitingKey  = "waiting"  // Sorted set: token of critical mail that waits → until when it counts.
	leasesKey   = "leases"   // Sorted set: token → end of its lease, and the part of the day.
	criticalKey = "critical" // The same of critical mail.
	daysKey     = "days"     // Hash: messages and recipients of each part of the window, and in all.
)

// key names one of the account's keys. The hash tag keeps them all in one
// Cluster slot.
func key(account, what string) string {
	return "postroom:{budget:" + strings.ToLower(account) + "}:" + what
}

func keys(account string, what ...string) []string {
	list := make([]string, len(what))
	for i, w := range what {
		list[i] = key(account, w)
	}
	return list
}

// The project's keys: it has no account's slot.
const (
	projectPaceKey    = "postroom:{project}:pace"
	projectWaitingKey = "postroom:{project}:waiting"
)
