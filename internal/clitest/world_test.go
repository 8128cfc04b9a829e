package clitest_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
)

// world is what a script has to itself.
type world struct {
	redis     *redistest.Server
	client    *tasks.Client
	failOver  func() // Of a Sentinel or a Cluster.
	fake      *mailertest.Server
	processes map[string]*process
	secrets   []string
	oauth     oauthServer
	tb        testing.TB
}

// worldKey is where a script's world is kept.
type worldKey struct{}

func worldOf(ts *testscript.TestScript) *world {
	w, ok := ts.Value(worldKey{}).(*world)
	if !ok {
		ts.Fatalf("the script has no world")
	}
	return w
}

// adminPassword is one for scripts that need it.
const adminPassword = "open-sesame-4711"

func setUp(env *testscript.Env, bin string) error {
	tb, ok := env.T().(testing.TB)
	if !ok {
		return errors.New("not run by go test")
	}
	server := redistest.StartDurable(tb)
	w := &world{redis: server, fake: mailertest.NewServer(tb), processes: map[string]*process{}, tb: tb}
	rdb, err := tasks.OpenRedis(server.URL())
	if err != nil {
		return err
	}
	env.Defer(func() { _ = rdb.Close() })
	w.client = tasks.NewClient(rdb)
	env.Values[worldKey{}] = w
	env.Defer(w.killAll)

	account := w.fake.Account(mailertest.DefaultAddress)
	w.secrets = []string{adminPassword, "redis-secret-4712"}
	for name, value := range map[string]string{
		"PATH":                bin + string(os.PathListSeparator) + env.Getenv("PATH"),
		"TZ":                  "UTC",
		"REDIS_URL":           server.URL(),
		"GMAIL_ENDPOINT":      w.fake.URL,
		"GMAIL_TOKEN_URL":     w.fake.TokenURL,
		"GMAIL_AUTH_URL":      w.fake.AuthURL,
		"GMAIL_USERINFO_URL":  w.fake.UserinfoURL,
		"GMAIL_REVOKE_URL":    w.fake.RevokeURL,
		"GMAIL_CLIENT_ID":     account.ClientID,
		"GMAIL_CLIENT_SECRET": account.ClientSecret,
		"GMAIL_REFRESH_TOKEN": account.RefreshToken,
		"POSTROOM_FROM":       "Shop <shop@example.com>",
		"POSTROOM_ADMIN_ADDR": "127.0.0.1:0",
		"POSTROOM_RATE":       "0",           // Or scripts would wait for their mail.
		"ADMIN_PASSWORD":      adminPassword, // Scripts name the variable that they give it to.
	} {
		env.Setenv(name, value)
	}
	return nil
}

// holdSecrets fails a script in whose output one of its secrets stands.
func (w *world) holdSecrets(ts *testscript.TestScript, what, output string) {
	for _, secret := range slices.Concat(w.secrets, w.fake.Secrets(), w.oauth.issued()) {
		if strings.Contains(output, secret) {
			ts.Fatalf("%s printed the secret %q", what, secret)
		}
	}
}

// get is the script command http.
func get(ts *testscript.TestScript, neg bool, args []string) {
	var name, value string
	if len(args) > 1 && args[0] == "-H" {
		name, value, _ = strings.Cut(args[1], ": ")
		args = args[2:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: http [-H 'NAME: VALUE'] STATUS URL")
	}
	req, err := http.NewRequest(http.MethodGet, args[1], http.NoBody)
	ts.Check(err)
	if name == "Host" {
		req.Host = value
	} else if name != "" {
		req.Header.Set(name, value)
	}
	client := http.Client{Timeout: patience}
	resp, err := client.Do(req)
	ts.Check(err)
	body, err := io.ReadAll(resp.Body)
	ts.Check(errors.Join(err, resp.Body.Close()))
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
	worldOf(ts).holdSecrets(ts, args[1], string(body))
	if strconv.Itoa(resp.StatusCode) != args[0] {
		ts.Fatalf("%s: %s\n%s", args[1], resp.Status, body)
	}
}

// website is `website VARIABLE STATUS`.
func website(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!doctype html><title>Somebody else's</title>\n") // Who asked has gone.
	}))
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.Listener.Addr().String())
}

// taken holds a port until the script ends.
func taken(ts *testscript.TestScript, _ bool, args []string) {
	l := listen(ts)
	ts.Defer(func() { _ = l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

// free finds a port on which nobody listens.
func free(ts *testscript.TestScript, _ bool, args []string) {
	l := listen(ts)
	ts.Check(l.Close())
	ts.Setenv(args[0], l.Addr().String())
}

func listen(ts *testscript.TestScript) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	return l
}

// patience is how long a script waits for what must happen.
const patience = 30 * time.Second

// pause is between two looks.
const pause = 10 * time.Millisecond
