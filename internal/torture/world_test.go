package torture_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/directory"
)

// world is all that a run takes place in.
type world struct {
	*complaints

	t      *testing.T
	plan   plan
	redis  *redistest.Server
	rdb    *redis.Client // Past all relays.
	relays []*relay      // A worker's each, and the producers' last.
	gmail  *fakeGmail
	crew   *crew
	key    string // POSTROOM_KEY
}

// complaints are what is wrong with a run.
type complaints struct {
	mu  sync.Mutex
	all []string
}

func (c *complaints) complainf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

func newWorld(t *testing.T, p plan) *world {
	t.Helper()
	w := &world{complaints: &complaints{}, t: t, plan: p, redis: redistest.StartDurable(t), gmail: newGmail(t, p)}
	w.rdb = w.redis.Client()
	for range p.workers + 1 {
		w.relays = append(w.relays, newRelay(t, w.redis.Addr))
	}
	w.crew = &crew{logs: logs(t), complainf: w.complainf}
	return w
}

// logs is the folder for the workers' logs.
func logs(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TORTURE_LOGS")
	if dir == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// build makes the worker's binary.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "worker")
	args := []string{"build", "-buildvcs=false", "-o", bin}
	if raceDetector {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "github.com/postroom/postroom/cmd/worker")...).CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// postroom has the crew run the worker as its users do, with one account in its
// environment and one in the store.
func (w *world) postroom(bin string) {
	w.t.Helper()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // It cannot fail.
	w.key = base64.StdEncoding.EncodeToString(secret)
	w.storeAccount()
	w.allow()
	first, dir := w.gmail.Account(firstAccount), w.t.TempDir()
	w.crew.command = func(worker int) *exec.Cmd {
		cmd := exec.Command(bin, "run")
		cmd.Dir = dir // Without templates: it uses its own.
		cmd.Env = []string{
			"TZ=UTC", "HOME=" + dir,
			"REDIS_URL=redis://" + w.relays[worker].addr + "/0",
			"POSTROOM_BACKEND=gmail", "POSTROOM_FROM=Shop <" + firstAccount + ">", "POSTROOM_KEY=" + w.key,
			"GMAIL_ENDPOINT=" + w.gmail.URL, "GMAIL_TOKEN_URL=" + w.gmail.TokenURL,
			"GMAIL_CLIENT_ID=" + first.ClientID, "GMAIL_CLIENT_SECRET=" + first.ClientSecret, "GMAIL_REFRESH_TOKEN=" + first.RefreshToken,
			"POSTROOM_RATE=" + strconv.Itoa(w.plan.rate()), "POSTROOM_DAILY=0", "POSTROOM_DAILY_RECIPIENTS=0",
			"POSTROOM_CONCURRENCY=" + strconv.Itoa(concurrency), "POSTROOM_GRACE=" + grace.String(),
			"POSTROOM_ADMIN_ADDR=off", "POSTROOM_LOG=json",
		}
		return cmd
	}
}

// concurrency is how many handlers an account has in each worker.
const concurrency = 8

// rate is what an account may send a minute: somewhat more than comes, so that
// there is a backlog as long as there are faults.
func (p plan) rate() int {
	return max(600, int(float64(p.count)/2/p.length.Minutes()*1.4))
}

// storeAccount does what `worker auth import` does.
func (w *world) storeAccount() {
	w.t.Helper()
	keys, err := accounts.ParseKeys(w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	second := w.gmail.Account(secondAccount)
	_, err = accounts.NewStore(w.rdb, keys).Save(w.t.Context(), accounts.Account{
		Address: secondAccount,
		Credential: accounts.Credential{
			ClientID: second.ClientID, ClientSecret: accounts.NewSecret(second.ClientSecret),
			RefreshToken: accounts.NewSecret(second.RefreshToken), TokenURL: w.gmail.TokenURL,
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// allow gives both accounts more requests in flight than the dead can hold: the
// leases of a killed worker's end only after 46 s.
func (w *world) allow() {
	w.t.Helper()
	limits := budget.New(w.rdb)
	for _, account := range []string{firstAccount, secondAccount} {
		if _, err := limits.SetLimits(w.t.Context(), account, budget.Change{Concurrency: budget.To(400)}); err != nil {
			w.t.Fatal(err)
		}
	}
	// What the workers will publish: a producer that knows no account would
	// refuse mail for one.
	err := directory.New(w.rdb).Publish(w.t.Context(), directory.Listing{
		Accounts:  []directory.Account{{Address: firstAccount, Default: true}, {Address: secondAccount}},
		Templates: []directory.Template{{Name: "welcome"}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// client is a producer's, or the run's own past all relays.
func (w *world) client(addr string) *tasks.Client {
	w.t.Helper()
	rdb, err := tasks.OpenRedis("redis://" + addr + "/0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = rdb.Close() })
	return tasks.NewClient(rdb)
}
