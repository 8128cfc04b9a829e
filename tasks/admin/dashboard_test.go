package admin_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/postroom/postroom/internal/redistest"
)

const lovelace = `{"v":1,"id":"mail-1","to":["Ada Lovelace <ada.lovelace@example.org>"],"subject":"Your code is 4711","text":"Dear Ada"}`

func TestArchivedTaskIsShownWithItsReasonAndNoMore(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, "permanent 400 invalidArgument: Invalid To header")
	url := serve(t, config(t, rdb))
	for _, path := range []string{"/archived_tasks", "/tasks/mail-1"} {
		a := get(t, url+"/queues/api/queues/"+queue+path)
		if a.status != http.StatusOK {
			t.Fatalf("GET %s = %d %s", path, a.status, a.body)
		}
		for _, want := range []string{
			"permanent 400 invalidArgument: Invalid To header", `"mail-1"`, `\"to\":[\"a***@example.org\"]`,
			`\"subject\":\"(17 bytes)\"`, `\"text\":\"(8 bytes)\"`,
		} {
			if !strings.Contains(a.body, want) {
				t.Errorf("GET %s does not show %s:\n%s", path, want, a.body)
			}
		}
		for _, hidden := range []string{"lovelace", "Lovelace", "4711", "Dear", "non-printable"} {
			if strings.Contains(a.body, hidden) {
				t.Errorf("GET %s shows %s:\n%s", path, hidden, a.body)
			}
		}
	}
}

// Queue names have colons and an @, and asynqmon's addresses have verbs behind
// colons.
func TestActionsOnAnAccountsQueue(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, "no")
	cfg := config(t, rdb)
	core, logs := observer.New(zap.DebugLevel)
	cfg.Log = zap.New(core)
	url := serve(t, cfg) + "/queues/api/queues"
	sizes := func() (pending, archived int, paused bool) {
		t.Helper()
		var body struct {
			Current struct {
				Pending  int  `json:"pending"`
				Archived int  `json:"archived"`
				Paused   bool `json:"paused"`
			} `json:"current"`
		}
		if err := json.Unmarshal([]byte(get(t, url+"/"+queue).body), &body); err != nil {
			t.Fatal(err)
		}
		return body.Current.Pending, body.Current.Archived, body.Current.Paused
	}
	if list := get(t, url).body; !strings.Contains(list, `"queue":"`+queue+`"`) {
		t.Errorf("the list of queues: %s", list)
	}
	post := func(path string) {
		t.Helper()
		if a := ask(t, http.MethodPost, url+"/"+queue+path, nil); a.status != http.StatusNoContent {
			t.Errorf("POST %s = %d %s", path, a.status, a.body)
		}
	}
	if pending, archived, _ := sizes(); pending != 0 || archived != 1 {
		t.Fatalf("%d pending, %d archived", pending, archived)
	}
	post("/archived_tasks/mail-1:run")
	if pending, archived, _ := sizes(); pending != 1 || archived != 0 {
		t.Errorf("after run: %d pending, %d archived", pending, archived)
	}
	post(":pause")
	if _, _, paused := sizes(); !paused {
		t.Error("not paused")
	}
	post(":resume")
	if _, _, paused := sizes(); paused {
		t.Error("still paused")
	}
	actions := logs.FilterMessage("dashboard action").All()
	if len(actions) != 3 {
		t.Fatalf("%d actions were logged, want 3", len(actions))
	}
	path, _ := actions[0].ContextMap()["path"].(string)
	if path != "/queues/api/queues/default:s***@example.com/archived_tasks/mail-1:run" {
		t.Errorf("the action's path is logged as %q", path)
	}
}

var inlineScript = regexp.MustCompile(`(?s)<script>(.*?)</script>`)

// When a new asynqmon has other scripts, this says what to put into the policy.
func TestThePolicyKnowsThePagesScripts(t *testing.T) {
	t.Parallel()
	url := serve(t, config(t, nowhere(t)))
	for _, path := range []string{"/queues", "/queues/", "/queues/queues/" + queue} {
		page := get(t, url+path)
		policy := page.header.Get("Content-Security-Policy")
		scripts := inlineScript.FindAllStringSubmatch(page.body, -1)
		if len(scripts) != 2 {
			t.Errorf("GET %s: %d inline scripts, want 2", path, len(scripts))
		}
		for _, script := range scripts {
			sum := sha256.Sum256([]byte(script[1]))
			source := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
			if !strings.Contains(policy, source) {
				t.Errorf("GET %s: the policy lacks %s for %.60s…", path, source, script[1])
			}
		}
		if strings.Contains(policy, "http") {
			t.Errorf("the policy allows what is outside: %s", policy)
		}
	}
}

func TestRedisInfoPage(t *testing.T) {
	t.Parallel()
	url := serve(t, config(t, redistest.Start(t).Client()))
	if a := get(t, url+"/queues/api/redis_info"); a.status != http.StatusOK || !strings.Contains(a.body, "redis_version") {
		t.Errorf("%d %.200s", a.status, a.body)
	}
}

// What Redis complains about is shown to the operator, and never a password.
func TestRedisErrorsTellNoSecret(t *testing.T) {
	t.Parallel()
	const right, wrong = "right-secret", "wrong-secret"
	server := redistest.Start(t)
	if err := server.Client().ConfigSet(t.Context(), "requirepass", right).Err(); err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr, Username: "default", Password: wrong, MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	url := serve(t, config(t, rdb))
	for _, path := range []string{"/queues/api/queues", "/queues/api/redis_info", "/queues/api/servers", "/readyz", "/metrics"} {
		a := get(t, url+path)
		if strings.Contains(a.body, right) || strings.Contains(a.body, wrong) {
			t.Errorf("GET %s: %s", path, a.body)
		}
	}
	if a := get(t, url+"/queues/api/queues"); a.status != http.StatusInternalServerError || !strings.Contains(a.body, "WRONGPASS") {
		t.Errorf("%d %s", a.status, a.body)
	}
	server.Kill()
	if a := get(t, url+"/queues/api/queues"); a.status != http.StatusInternalServerError {
		t.Errorf("Redis away: %d %s", a.status, a.body)
	}
	if a := get(t, url+"/queues"); a.status != http.StatusOK {
		t.Errorf("the page while Redis is away: %d", a.status)
	}
}
