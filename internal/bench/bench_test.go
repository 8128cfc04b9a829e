//go:build bench

package bench_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

const (
	sender      = mailertest.DefaultAddress
	concurrency = 16
	rounds      = 7    // Of each contender, in turn.
	mails       = 6000 // A round.
	calls       = 5000 // Of Enqueue, a round.
	idleMails   = 300
)

// gmailAddress is where the fake Gmail is, and what opens it.
type gmailAddress struct {
	URL      string `json:"url"`
	TokenURL string `json:"token_url"`
	ClientID string `json:"client_id"`
	Secret   string `json:"secret"`
	Refresh  string `json:"refresh"`
}

// roleVariable says what a measurement started this binary as.
const roleVariable = "POSTROOM_BENCH_ROLE"

// TestMain is also the main of what runs in a process of its own, so that its
// CPU is not the worker's.
func TestMain(m *testing.M) {
	switch role := os.Getenv(roleVariable); role {
	case "":
		os.Exit(m.Run())
	case "gmail":
		serveGmail()
	default:
		relay(role)
	}
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // Until whoever started it ends.
}

func serveGmail() {
	fake := mailertest.NewFake(mailertest.CountOnly())
	server := httptest.NewServer(fake)
	a := fake.Account(sender)
	err := json.NewEncoder(os.Stdout).Encode(gmailAddress{ //nolint:gosec // The fake's secrets.
		server.URL, server.URL + "/token", a.ClientID, a.ClientSecret, a.RefreshToken,
	})
	if err != nil {
		panic(err)
	}
}

// startGmail runs the fake until the test ends.
func startGmail(tb testing.TB) gmailAddress {
	tb.Helper()
	var g gmailAddress
	startAs(tb, "gmail", &g)
	return g
}

// startAs runs this binary in a role until the test ends, and reads what it
// says of itself.
func startAs(tb testing.TB, role string, says any) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // It has nothing to say.
	})
	if err := json.NewDecoder(out).Decode(says); err != nil {
		tb.Fatal(err)
	}
}

// templateDir has the template that both contenders render.
const templateDir = "testdata/templates"

// files are its sources.
type files struct{ subject, text, html string }

func readFiles(tb testing.TB) files {
	tb.Helper()
	read := func(name string) string {
		b, err := fs.ReadFile(os.DirFS(templateDir), name)
		if err != nil {
			tb.Fatal(err)
		}
		return string(b)
	}
	return files{strings.TrimSpace(read("welcome.subject")), read("welcome.txt"), read("welcome.html")}
}

func openTemplates(tb testing.TB) *templates.Set {
	tb.Helper()
	set, err := templates.LoadDir(templateDir)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

// figure is what one round came to.
type figure struct {
	PerSecond float64 `json:"per_second"`
	CPU       float64 `json:"cpu"`
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// report shows the median of the rounds' ratios, ours to the plain one's.
func report(tb testing.TB, what string, ours, plain []figure, ratio func(ours, plain figure) float64, a aim) {
	tb.Helper()
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ratio(ours[i], plain[i])
	}
	m := math.Round(100*median(ratios)) / 100
	show(tb, what, m, "", a, fmt.Sprintf("%d rounds, %.2f to %.2f", len(ratios), ratios[0], ratios[len(ratios)-1]))
}

func perSecond(ours, plain figure) float64 { return ours.PerSecond / plain.PerSecond }
func cpu(ours, plain figure) float64       { return ours.CPU / plain.CPU }

// TestThroughput sends mail that waits already, as fast as it goes: with Redis
// on the same machine, where the CPU is the limit, and on another one.
func TestThroughput(t *testing.T) { //nolint:paralleltest // Measurements go one after the other.
	g := startGmail(t)
	for _, to := range []struct {
		where  string
		at     func(testing.TB, *redistest.Server) string
		rounds int
		aim    aim
	}{{"", beside, 2*rounds + 1, atLeast(1)}, {", Redis 1 ms away", away, rounds, atLeast(2)}} {
		ours, theirs := make([]figure, to.rounds), make([]figure, to.rounds)
		for i := range to.rounds {
			turns := []func(){
				func() { theirs[i] = plainRound(t, g, to.at) },
				func() { ours[i] = ourRound(t, g, to.at) },
			}
			turns[i%2]() // A machine that gets slower is one for both.
			turns[1-i%2]()
		}
		report(t, "mails a second, ours / plain"+to.where, ours, theirs, perSecond, to.aim)
		report(t, "CPU a mail, ours / plain"+to.where, ours, theirs, cpu, noAim)
	}
}

func plainRound(t *testing.T, g gmailAddress, at func(testing.TB, *redistest.Server) string) (f figure) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		server := redistest.Start(t)
		fillPlain(t, server.Client(), mails)
		f = inOwnProcess(t, round{Who: "plain", Redis: at(t, server), Gmail: g})
	})
	return f
}

func ourRound(t *testing.T, g gmailAddress, at func(testing.TB, *redistest.Server) string) (f figure) {
	t.Helper()
	t.Run("ours", func(t *testing.T) {
		server := redistest.Start(t)
		rdb := open(t, server.URL())
		announce(t, rdb)
		client := tasks.NewClient(rdb)
		for range mails {
			if _, err := client.Enqueue(t.Context(), welcome()); err != nil {
				t.Fatal(err)
			}
		}
		f = inOwnProcess(t, round{Who: "ours", Redis: at(t, server), Gmail: g})
	})
	return f
}

// open is the client that our commands use.
func open(tb testing.TB, url string) *redis.Client {
	tb.Helper()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = rdb.Close() })
	client, ok := rdb.(*redis.Client)
	if !ok {
		tb.Fatalf("OpenRedis gave a %T for one server", rdb)
	}
	return client
}

func welcome() tasks.Email {
	return tasks.Email{To: tasks.Addresses{"Ada <ada@example.org>"}, Template: "welcome", Data: map[string]any{"name": "Ada"}}
}

// announce tells producers what a worker would.
func announce(tb testing.TB, rdb redis.UniversalClient) {
	tb.Helper()
	err := directory.New(rdb).Publish(tb.Context(), directory.Listing{
		Accounts:  []directory.Account{{Address: sender, Default: true}},
		Templates: []directory.Template{{Name: "welcome"}},
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// newSender is a Gmail's, put together as `worker run` does.
func newSender(tb testing.TB, g gmailAddress) mailer.Sender {
	tb.Helper()
	source, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
		ClientID: g.ClientID, ClientSecret: accounts.NewSecret(g.Secret),
		RefreshToken: accounts.NewSecret(g.Refresh), TokenURL: g.TokenURL,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	out, err := gmail.New(gmail.Config{Tokens: source, Endpoint: g.URL, Transport: gmail.NewTransport(2 * concurrency)})
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// startPool runs our worker, put together as `worker run` does, but for what
// setUp changes. Its budget leaves the pace to the machine.
func startPool(tb testing.TB, rdb *redis.Client, g gmailAddress, setUp func(*delivery.Config)) (stop func()) {
	tb.Helper()
	config := delivery.Config{
		Redis: rdb,
		Accounts: []delivery.Account{{
			Address: sender, From: mailer.Address{Name: "Shop", Address: sender}, Default: true, Sender: newSender(tb, g),
		}},
		Renderer: openTemplates(tb), Ledger: ledger.New(rdb, ledger.Lifetimes{}),
		Blobs: blobs.New(rdb), Budget: budget.New(rdb, budget.WithDefaults(unlimited)), Concurrency: concurrency,
	}
	setUp(&config)
	pool, err := delivery.NewPool(config)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
}

// TestEnqueue makes calls one after the other. Ours reserves the ID as well.
func TestEnqueue(t *testing.T) { //nolint:paralleltest // As above.
	ours, theirs := make([]figure, rounds), make([]figure, rounds)
	for i := range rounds {
		server := redistest.Start(t)
		rdb := open(t, server.URL())
		announce(t, rdb)
		queue, client := asynq.NewClientFromRedisClient(server.Client()), tasks.NewClient(rdb)
		payload := []byte(`{"v":1,"id":"01a1f8e1-23b0-702a-a273-860efb407972","to":["Ada <ada@example.org>"],` +
			`"template":"welcome","data":{"name":"Ada"},"enqueued_at":"2026-11-20T09:30:00.123Z","on_unknown":"resend"}`)
		plain := func() error {
			_, err := queue.EnqueueContext(t.Context(), asynq.NewTask("mail", payload), asynq.TaskID(uuid.Must(uuid.NewV7()).String()))
			return err
		}
		own := func() error {
			_, err := client.Enqueue(t.Context(), welcome())
			return err
		}
		ours[i], theirs[i] = timeInTurns(t, own, plain)
	}
	report(t, "Enqueue calls a second, ours / plain", ours, theirs, perSecond, atLeast(0.5))
}

// turn is how many calls of one kind are made before as many of the other: what
// slows the machine for a second slows both.
const turn = 100

// timeInTurns makes as many calls of each, now the one first and now the other.
func timeInTurns(tb testing.TB, a, b func() error) (ofA, ofB figure) {
	tb.Helper()
	var tookA, tookB time.Duration
	for i := range calls / turn {
		if i%2 == 0 {
			tookA += timeCalls(tb, a)
			tookB += timeCalls(tb, b)
		} else {
			tookB += timeCalls(tb, b)
			tookA += timeCalls(tb, a)
		}
	}
	return figure{PerSecond: calls / tookA.Seconds()}, figure{PerSecond: calls / tookB.Seconds()}
}

func timeCalls(tb testing.TB, call func() error) time.Duration {
	tb.Helper()
	began := time.Now()
	for range turn {
		if err := call(); err != nil {
			tb.Fatal(err)
		}
	}
	return time.Since(began)
}

// TestIdleLatency enqueues one mail at a time into an idle queue.
func TestIdleLatency(t *testing.T) { //nolint:paralleltest // As above.
	g := startGmail(t)
	rdb := open(t, redistest.Start(t).URL())
	announce(t, rdb)
	handled := make(chan time.Time, 1)
	stop := startPool(t, rdb, g, func(c *delivery.Config) {
		c.AfterStep = func(step delivery.Step, _ string) {
			if step == delivery.StepDecode {
				handled <- time.Now()
			}
		}
	})
	defer stop()
	client := tasks.NewClient(rdb)
	waits := make([]float64, 0, idleMails)
	for range idleMails {
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		began := time.Now()
		if _, err := client.Enqueue(t.Context(), welcome()); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, float64((<-handled).Sub(began))/float64(time.Millisecond))
	}
	slices.Sort(waits)
	fmt.Printf("%-48s p50 %.0f ms, p99 %.0f ms   (%d mails)\n", "Enqueue to handler, idle queue", waits[len(waits)/2], waits[len(waits)*99/100], len(waits))
}

// unlimited leaves the pace to the machine.
func unlimited(string) budget.Limits { return budget.Limits{} }
