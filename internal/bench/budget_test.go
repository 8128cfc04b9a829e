//go:build bench

package bench_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
)

// TestBudget measures what the budget makes of a quota. All of it waits more than
// it works, so that the measurements run side by side: five minutes in all. Each
// has its mail queued before the first one begins, which is when it calls Parallel.
func TestBudget(t *testing.T) { //nolint:paralleltest // No other measurement runs beside these.
	for name, measure := range map[string]func(*testing.T){
		"known": quotaKnown, "unknown": quotaUnknown, "named": quotaNamed, "urgent": urgent, "frozen": neighbourFrozen, "idle": idle,
	} {
		t.Run(name, measure)
	}
}

const (
	workers  = 2
	handlers = 50
	// What Gmail allows where it is known: ten a second, of which ten may come at
	// once.
	tenASecond = 10 * 60
	burst      = 10
	latency    = 50 * time.Millisecond
	settling   = 5 * time.Second
)

// postroom is a Redis with producers and workers, and a Gmail with a quota.
type postroom struct {
	*testing.T

	gmail  *mailertest.Server
	rdb    *redis.Client
	client *tasks.Client
}

func newPostroom(t *testing.T, options ...mailertest.Option) *postroom {
	t.Helper()
	options = slices.Concat([]mailertest.Option{
		mailertest.WithAccount(mailertest.Account{Address: sender}), mailertest.CountOnly(), mailertest.WithLatency(latency),
	}, options)
	p := &postroom{T: t, gmail: mailertest.NewServer(t, options...), rdb: open(t, redistest.Start(t).URL())}
	p.client = tasks.NewClient(p.rdb)
	announce(t, p.rdb)
	return p
}

// quota is one that is evenly spread.
func quota(perMinute int) mailertest.Limits {
	return mailertest.Limits{PerMinute: perMinute, Burst: burst, NoRetryTime: true}
}

// credential is what opens an account of the fake.
func (p *postroom) credential(address string) gmailAddress {
	a := p.gmail.Account(address)
	return gmailAddress{p.gmail.URL, p.gmail.TokenURL, a.ClientID, a.ClientSecret, a.RefreshToken}
}

// work starts a worker whose accounts may send so many mails a minute, as far as
// it is told.
func (p *postroom) work(rate int, setUp func(*delivery.Config)) {
	p.Helper()
	limits := func(string) budget.Limits {
		return budget.Limits{Rate: rate, Concurrency: budget.DefaultLimits("").Concurrency}
	}
	stop := startPool(p, p.rdb, p.credential(sender), func(c *delivery.Config) {
		c.Budget, c.Concurrency = budget.New(p.rdb, budget.WithDefaults(limits)), handlers
		setUp(c)
	})
	p.Cleanup(stop)
}

func (p *postroom) enqueue(n int, e tasks.Email, options ...tasks.Option) {
	p.Helper()
	for range n {
		if _, err := p.client.Enqueue(p.Context(), e, options...); err != nil {
			p.Fatal(err)
		}
	}
}

// accepted is how many mails of an account Gmail takes in a time.
func (p *postroom) accepted(address string, in time.Duration) int {
	before := p.gmail.CountsOf(address).Accepted
	time.Sleep(in)
	return p.gmail.CountsOf(address).Accepted - before
}

// refused is how many of all sends were answered 429, in percent.
func (p *postroom) refused() float64 {
	c := p.gmail.Counts()
	return percent(c.Answers[http.StatusTooManyRequests], c.Sends)
}

func percent(part, all int) float64 { return math.Round(1000*float64(part)/float64(all)) / 10 }

// quotaKnown has two workers and 50 handlers send what Gmail allows and no more,
// and beside them a plain handler, which asynq has try again as it does by
// default.
func quotaKnown(t *testing.T) {
	const span = time.Minute
	const mails = (tenASecond/60)*int((settling+span)/time.Second) + 100
	allowed := tenASecond * int(span/time.Minute)
	ours, plain := newPostroom(t, mailertest.WithLimits(quota(tenASecond))), newPostroom(t, mailertest.WithLimits(quota(tenASecond)))
	ours.enqueue(mails, welcome())
	fillPlain(t, plain.rdb, mails)
	t.Parallel()
	for range workers {
		ours.work(tenASecond, func(*delivery.Config) {})
		t.Cleanup(newPlain(t, plain.credential(sender), zap.NewNop(), func() {}).start(t, plain.rdb, handlers))
	}
	time.Sleep(settling)
	var both sync.WaitGroup
	var oursTook, plainTook int
	both.Go(func() { oursTook = ours.accepted(sender, span) })
	both.Go(func() { plainTook = plain.accepted(sender, span) })
	both.Wait()
	show(t, "quota known: used", percent(oursTook, allowed), " %", atLeast(97),
		fmt.Sprintf("%d of %d in a minute, two workers; plain: %g %%", oursTook, allowed, percent(plainTook, allowed)))
	show(t, "quota known: 429 of all sends", ours.refused(), " %", atMost(0),
		fmt.Sprintf("%d sends; plain: %g %%", ours.gmail.Counts().Sends, plain.refused()))
}

// quotaUnknown has Gmail allow half of what the workers were told, and name no
// time when it refuses.
func quotaUnknown(t *testing.T) { findQuota(t, "quota half of the limit", true) }

// quotaNamed has it say when it takes the next mail.
func quotaNamed(t *testing.T) { findQuota(t, "the same, 429s with a time", false) }

func findQuota(t *testing.T, what string, noTime bool) {
	t.Helper()
	const span, half = 5 * time.Minute, tenASecond / 2
	allowed := half * int(span/time.Minute)
	limits := quota(half)
	limits.NoRetryTime = noTime
	p := newPostroom(t, mailertest.WithLimits(limits))
	p.enqueue(allowed+100, welcome())
	t.Parallel()
	for range workers {
		p.work(tenASecond, func(*delivery.Config) {})
	}
	took := p.accepted(sender, span)
	show(t, what+": used", percent(took, allowed), " %", atLeast(85),
		fmt.Sprintf("%d of %d in five minutes, two workers", took, allowed))
	show(t, what+": 429 of all sends", p.refused(), " %", atMost(3),
		fmt.Sprintf("%d sends", p.gmail.Counts().Sends))
}

// urgent has critical mail come at random moments while bulk mail waits for
// longer than the measurement takes. Several accounts make enough of it.
func urgent(t *testing.T) {
	const accounts, each, bulk, rate = 4, 75, 1000, 60
	options := make([]mailertest.Option, accounts)
	addresses := make([]string, accounts)
	for i := range accounts {
		addresses[i] = fmt.Sprintf("shop%d@example.com", i)
		options[i] = mailertest.WithAccount(mailertest.Account{Address: addresses[i]})
	}
	p := newPostroom(t, options...)
	p.announce(addresses)
	for _, address := range addresses {
		p.enqueue(bulk, from(address), tasks.OnLane(tasks.Bulk))
	}
	t.Parallel()
	var mu sync.Mutex
	came, waits := map[string]time.Time{}, []float64{}
	p.serve(rate, addresses, func(step delivery.Step, id string) {
		if step != delivery.StepSend {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if at, ok := came[id]; ok {
			waits = append(waits, time.Since(at).Seconds())
		}
	})
	time.Sleep(settling)
	var all sync.WaitGroup
	for _, address := range addresses {
		all.Go(func() {
			for i := range each {
				time.Sleep(2*time.Second + rand.N(4*time.Second))
				id := fmt.Sprintf("%s.%d", address[:5], i)
				mu.Lock()
				came[id] = time.Now()
				mu.Unlock()
				if _, err := p.client.Enqueue(t.Context(), from(address), tasks.OnLane(tasks.Critical), tasks.WithID(id)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	time.Sleep(settling)
	mu.Lock()
	defer mu.Unlock()
	if len(waits) != accounts*each {
		t.Fatalf("%d of %d critical mails went", len(waits), accounts*each)
	}
	slices.Sort(waits)
	show(t, "critical mail behind bulk at 60 a minute, p99", math.Round(100*waits[len(waits)*99/100])/100, " s", atMost(5),
		fmt.Sprintf("%d critical mails, p50 %.2f s, of %d accounts with 1,000 bulk mails each", len(waits), waits[len(waits)/2], accounts))
}

// from is a mail of one account.
func from(address string) tasks.Email {
	e := welcome()
	e.Account = address
	return e
}

// announce tells producers of several accounts.
func (p *postroom) announce(addresses []string) {
	p.Helper()
	listing := directory.Listing{Templates: []directory.Template{{Name: "welcome"}}}
	for i, address := range addresses {
		listing.Accounts = append(listing.Accounts, directory.Account{Address: address, Default: i == 0})
	}
	if err := directory.New(p.rdb).Publish(p.Context(), listing); err != nil {
		p.Fatal(err)
	}
}

// serve has one worker send for them.
func (p *postroom) serve(rate int, addresses []string, after func(delivery.Step, string)) {
	p.Helper()
	accounts := make([]delivery.Account, len(addresses))
	for i, address := range addresses {
		accounts[i] = delivery.Account{
			Address: address, From: mailer.Address{Address: address}, Default: i == 0, Sender: newSender(p, p.credential(address)),
		}
	}
	p.work(rate, func(c *delivery.Config) { c.Accounts, c.AfterStep, c.Concurrency = accounts, after, 4 })
}

// neighbourFrozen has Gmail freeze one of a worker's two accounts for a minute,
// and compares what the other one sends in that minute and in the one before.
func neighbourFrozen(t *testing.T) {
	const span, warmUp = time.Minute, 3 * settling // All other measurements begin now too.
	const mails = (tenASecond/60)*int((warmUp+2*span)/time.Second) + 300
	frozen, other := "frozen@example.com", "other@example.com"
	p := newPostroom(t, mailertest.WithAccount(mailertest.Account{Address: frozen}), mailertest.WithAccount(mailertest.Account{Address: other}))
	p.announce([]string{frozen, other})
	p.enqueue(mails, from(frozen))
	p.enqueue(mails, from(other))
	t.Parallel()
	p.serve(tenASecond, []string{frozen, other}, func(delivery.Step, string) {})
	time.Sleep(warmUp)
	before := p.accepted(other, span)
	until := time.Now().Add(span)
	p.gmail.Decide(func(r mailertest.Request) mailertest.Fault {
		if r.Account == frozen && time.Now().Before(until) {
			return mailertest.TooManyRequests(until)
		}
		return mailertest.Fault{}
	})
	asked, had := p.gmail.CountsOf(frozen).Sends, p.gmail.CountsOf(frozen).Accepted
	during := p.accepted(other, span)
	if n := p.gmail.CountsOf(frozen); n.Accepted-had > burst || n.Sends == asked {
		t.Fatalf("the frozen account was asked for %d and sent %d: it was not frozen", n.Sends-asked, n.Accepted-had)
	}
	change := math.Round(1000*math.Abs(float64(during-before))/float64(before)) / 10
	show(t, "one account frozen: the other's change", change, " %", atMost(3),
		fmt.Sprintf("%d mails in the minute before, %d in the minute of the freeze", before, during))
}

// idle counts the scripts that a worker with many accounts runs while there is
// no mail.
func idle(t *testing.T) {
	const accounts, span = 100, 30 * time.Second
	p := newPostroom(t)
	t.Parallel()
	p.work(60, func(c *delivery.Config) {
		c.Accounts, c.Concurrency = nil, 4
		for i := range accounts {
			address := fmt.Sprintf("shop%d@example.com", i)
			c.Accounts = append(c.Accounts, delivery.Account{
				Address: address, From: mailer.Address{Address: address}, Default: i == 0, Sender: &mailertest.Recorder{},
			})
		}
	})
	time.Sleep(2 * settling)
	before := scriptCalls(t, p.rdb)
	began := time.Now()
	time.Sleep(span)
	calls := float64(scriptCalls(t, p.rdb)-before) / time.Since(began).Seconds()
	show(t, "100 accounts, idle: script calls a second", math.Round(calls), "", atMost(500), "one worker process, 4 handlers an account")
}
