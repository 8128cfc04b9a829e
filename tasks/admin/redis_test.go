package admin_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/admin"
)

const (
	noDisk     = "appendonly is off: nothing is written to disk, and all accepted mail is lost when Redis ends (set appendonly yes)"
	snapshots  = "appendonly is off: mail accepted since the last snapshot is lost when Redis ends (set appendonly yes)"
	evicts     = "maxmemory-policy is volatile-lru: accepted mail is lost when memory runs out (set noeviction)"
	full       = "its memory is full: no mail is accepted or sent (raise maxmemory, or make room)"
	readOnly   = "it is a read-only replica: name the master in REDIS_URL, or the sentinels (redis+sentinel://)"
	lostWrites = "it is a replica that takes writes, which its master never gets: name the master in REDIS_URL"
	tooFew     = "too few replicas follow it (min-replicas-to-write)"
	notAllowed = "this user may not write"
)

// TestLookAtRedis starts servers that are set in all the ways that matter, and
// asks /readyz of each.
func TestLookAtRedis(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string // Beside AOF.
		acl  []any
		wait int
		want admin.RedisState
	}{
		"all right":         {},
		"nothing on disk":   {args: []string{"--appendonly", "no"}, want: admin.RedisState{Problems: []string{noDisk}}},
		"snapshots":         {args: []string{"--appendonly", "no", "--save", "60 1"}, want: admin.RedisState{Problems: []string{snapshots}}},
		"evicts":            {args: []string{"--maxmemory-policy", "volatile-lru"}, want: admin.RedisState{Problems: []string{evicts}}},
		"full":              {args: []string{"--maxmemory", "1"}, want: admin.RedisState{Refuses: full}},
		"read-only":         {args: []string{"--replicaof", "127.0.0.1 1"}, want: admin.RedisState{Refuses: readOnly}},
		"writable replica":  {args: []string{"--replicaof", "127.0.0.1 1", "--replica-read-only", "no"}, want: admin.RedisState{Problems: []string{lostWrites}}},
		"needs replicas":    {args: []string{"--min-replicas-to-write", "1"}, want: admin.RedisState{Refuses: tooFew}},
		"may not write":     {acl: []any{"+@all", "-@write", "~*"}, want: admin.RedisState{Refuses: notAllowed}},
		"managed, with AOF": {acl: []any{"+@all", "-config", "~*"}},
		"managed, without": {
			args: []string{"--appendonly", "no"}, acl: []any{"+@all", "-config", "~*"}, want: admin.RedisState{Unknown: true},
		},
		"tells nothing": {acl: []any{"+@all", "-info", "~*"}, want: admin.RedisState{Unknown: true}},
		"waits for more replicas than there are": {wait: 2, want: admin.RedisState{Problems: []string{
			"POSTROOM_WAIT_REPLICAS is 2, and only 0 follow: what waits for them is late",
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.StartDurable(t, tt.args...)
			rdb := server.Client()
			if tt.acl != nil {
				user := append([]any{"ACL", "SETUSER", "eve", "on", ">hunter2"}, tt.acl...)
				if err := rdb.Do(t.Context(), user...).Err(); err != nil {
					t.Fatal(err)
				}
				rdb = redis.NewClient(&redis.Options{Addr: server.Addr, Username: "eve", Password: "hunter2"})
				t.Cleanup(func() { _ = rdb.Close() })
			}
			got, err := admin.LookAtRedis(t.Context(), rdb, tt.wait)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
			if tt.wait == 0 {
				checkReady(t, serve(t, config(t, rdb)), tt.want)
			}
			if n, err := server.Client().DBSize(t.Context()).Result(); err != nil || n != 0 {
				t.Errorf("it left %d keys (%v)", n, err)
			}
		})
	}
}

// checkReady holds what /readyz says of a Redis that is there.
func checkReady(t *testing.T, url string, want admin.RedisState) {
	t.Helper()
	status, word, problems := http.StatusOK, "ok", want.Problems
	if want.Refuses != "" {
		status, word, problems = http.StatusServiceUnavailable, "refuses", []string{want.Refuses}
	}
	a := get(t, url+"/readyz")
	var body struct {
		Ready    bool     `json:"ready"`
		Redis    string   `json:"redis"`
		Problems []string `json:"redis_problems"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatal(err)
	}
	if a.status != status || body.Ready != (status == http.StatusOK) || body.Redis != word || !slices.Equal(body.Problems, problems) {
		t.Errorf("/readyz: %d %s; want %d, %s and %q", a.status, a.body, status, word, problems)
	}
}

// TestRedisThatRefusesTheLogin is reached, and of no use.
func TestRedisThatRefusesTheLogin(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for name, to := range map[string]redis.Options{
		"wrong password":   {Username: "eve", Password: "hunter2"},
		"no such database": {DB: 99},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to.Addr = server.Addr
			rdb := redis.NewClient(&to)
			t.Cleanup(func() { _ = rdb.Close() })
			if state, err := admin.LookAtRedis(t.Context(), rdb, 0); err == nil {
				t.Errorf("it is taken for reached: %+v", state)
			}
			if a := get(t, serve(t, config(t, rdb))+"/readyz"); a.status != http.StatusServiceUnavailable ||
				!strings.Contains(a.body, `"redis":"away"`) {
				t.Errorf("/readyz: %d %s", a.status, a.body)
			}
		})
	}
}

// TestReadyzWhenDiskIsFull is Redis that stopped taking writes because it
// can't save them.
func TestReadyzWhenDiskIsFull(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--save", "3600 1")
	rdb := server.Client()
	url := serve(t, config(t, rdb))
	checkReady(t, url, admin.RedisState{Problems: []string{snapshots}})
	dir, err := rdb.ConfigGet(t.Context(), "dir").Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir["dir"], "dump.rdb"), 0o700); err != nil { // Where the snapshot is to go.
		t.Fatal(err)
	}
	if err := rdb.BgSave(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for rdb.Set(t.Context(), "key", "1", 0).Err() == nil && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	checkReady(t, url, admin.RedisState{Refuses: "its last snapshot or AOF write failed: its log says why (is the disk full?)"})
}

// TestOnCluster has the operators' pages show a cluster, also while one of its
// masters is away.
func TestOnCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, "--cluster-require-full-coverage", "no")
	rdb, err := tasks.OpenRedis(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	archive(t, rdb, "mail-1", lovelace, "no")
	cfg := config(t, rdb)
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(admin.NewQueues(rdb, time.Now))
	cfg.Gatherer = metrics
	url := serve(t, cfg)
	checkReady(t, url, admin.RedisState{Problems: []string{noDisk}})
	for path, want := range map[string]string{
		"/queues/api/queues":                              `"queue":"` + queue + `"`,
		"/queues/api/queues/" + queue + "/archived_tasks": `"mail-1"`,
		"/queues/api/redis_info":                          `cluster_state:ok`,
		"/queues/api/servers":                             `"servers":[]`,
		"/metrics":                                        `postroom_queue_tasks{queue="` + queue + `",state="archived"} 1`,
	} {
		if a := get(t, url+path); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("GET %s = %d without %s:\n%.1000s", path, a.status, want, a.body)
		}
	}
	if a := ask(t, http.MethodPost, url+"/queues/api/queues/"+queue+"/archived_tasks:run_all", nil); a.status != http.StatusOK {
		t.Errorf("run all: %d %s", a.status, a.body)
	}

	old := c.Master("postroom:{0}:probe")
	old.Pause()
	checkReady(t, url, admin.RedisState{Problems: []string{"1 of 3 masters of the cluster do not answer", noDisk}})
	c.AwaitFailover("postroom:{0}:probe", old)
	deadline := time.Now().Add(10 * time.Second)
	for strings.Contains(get(t, url+"/readyz").body, "masters") && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	checkReady(t, url, admin.RedisState{Problems: []string{noDisk}})
}
