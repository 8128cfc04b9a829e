package tasks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// options are what a client was opened with, as far as a URL says them.
type options struct {
	network, addr, user, password string
	db                            int
	tls                           bool
}

func TestOpenRedis(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]options{
		"redis://127.0.0.1:6379/0": {network: "tcp", addr: "127.0.0.1:6379"},
		"redis://":                 {network: "tcp", addr: "localhost:6379"},
		"redis://ada:p%40ss%2Fword@redis.internal/3":                            {"tcp", "redis.internal:6379", "ada", "p@ss/word", 3, false},
		"redis://:secret@[::1]:6380/15":                                         {"tcp", "[::1]:6380", "", "secret", 15, false},
		"rediss://ada:secret@redis.internal:6380/2":                             {"tcp", "redis.internal:6380", "ada", "secret", 2, true},
		"unix:///run/redis.sock":                                                {network: "unix", addr: "/run/redis.sock"},
		"unix://ada:secret@/run/redis.sock?db=4":                                {"unix", "/run/redis.sock", "ada", "secret", 4, false},
		"redis+sentinel://s1:26379/5?master_name=mine":                          {network: "tcp", addr: "FailoverClient", db: 5},
		"redis+sentinel://ada:secret@s1:26379/5?master_name=mine&addr=s2:26379": {"tcp", "FailoverClient", "ada", "secret", 5, false},
		"rediss+sentinel://:secret@s1:26379?master_name=mine":                   {"tcp", "FailoverClient", "", "secret", 0, true},
		"redis+sentinel://sentinel:theirs@s1:26379/0?master_name=mine&username=ada&password=secret&addr=s2:26379&db=1": {"tcp", "FailoverClient", "ada", "secret", 1, false},
	} {
		rdb, ok := open(t, url).(*redis.Client)
		if !ok {
			t.Errorf("%s: no *redis.Client", url)
			continue
		}
		o := rdb.Options()
		got := options{o.Network, o.Addr, o.Username, o.Password, o.DB, o.TLSConfig != nil}
		if got != want {
			t.Errorf("%s: %+v, want %+v", url, got, want)
		}
		if !o.ContextTimeoutEnabled {
			t.Errorf("%s: its calls outlive their contexts", url)
		}
		if o.TLSConfig != nil && (o.TLSConfig.InsecureSkipVerify || o.TLSConfig.ServerName == "") {
			t.Errorf("%s: TLS does not verify the host", url)
		}
	}
}

func TestOpenRedisCluster(t *testing.T) {
	t.Parallel()
	for url, tls := range map[string]bool{
		"redis+cluster://ada:secret@n1:7000?addr=n2:7000&addr=n3:7001":   false,
		"redis+cluster://ada:secret@n1:7000/0?addr=n2:7000&addr=n3:7001": false,
		"rediss+cluster://ada:secret@n1:7000/?addr=n2:7000&addr=n3:7001": true,
	} {
		rdb, ok := open(t, url).(*redis.ClusterClient)
		if !ok {
			t.Errorf("%s: no *redis.ClusterClient", url)
			continue
		}
		o := rdb.Options()
		slices.Sort(o.Addrs)
		if !slices.Equal(o.Addrs, []string{"n1:7000", "n2:7000", "n3:7001"}) || o.Username != "ada" || o.Password != "secret" ||
			(o.TLSConfig != nil) != tls || !o.ContextTimeoutEnabled {
			t.Errorf("%s: %+v", url, o)
		}
	}
}

func TestOpenRedisRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                  "no scheme",
		"127.0.0.1:6379":                    "no scheme",
		"ada:hunter2@127.0.0.1:6379":        "no scheme",
		"http://ada:hunter2@127.0.0.1":      "scheme is unknown",
		"hunter2://127.0.0.1":               "scheme is unknown",
		"unix+cluster://hunter2@/run":       "scheme is unknown",
		"redis+ring://:hunter2@127.0.0.1":   "scheme is unknown",
		"redis://:hunter2@127.0.0.1/zero":   `database number: "zero"`,
		"redis://:hunter2@127.0.0.1/0/1":    "URL path: /0/1",
		"redis://:hunter2@127.0.0.1/0?x=1":  "unexpected option: x",
		"unix://:hunter2@":                  "empty unix socket path",
		"redis+sentinel://:hunter2@s1:1/0":  "needs ?master_name=NAME",
		"redis+cluster://:hunter2@n1:1/3":   "database 0 alone",
		"redis+cluster://:hunter2@n1?y=1":   "unexpected option: y",
		"redis://:hunter2%zz@127.0.0.1":     "write / as %2F",
		"redis://:hun#ter2@127.0.0.1":       "write / as %2F",
		"redis://ada:1hun/hunter2@r:6379/0": "write / as %2F",
		"redis://ada:1/hunter2@r:6379/0":    "write / as %2F",
		"redis://ada:1?hunter2@r:6379/0":    "write / as %2F",
		"redis://ada:1#hunter2@r:6379/0":    "write / as %2F",
		"redis+cluster://a:1#hunter2@s:1":   "write / as %2F",
		"redis+sentinel://a:1?hunter2@s:1":  "write / as %2F",
		"redis+cluster://a:1?hunter2@s:1":   "write / as %2F",
		"redis://[hunter2@r":                "write / as %2F",
	} {
		_, err := tasks.OpenRedis(url)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "REDIS_URL: ") {
			t.Errorf("%s: %v, want REDIS_URL and %q", url, err, want)
		}
		for _, secret := range []string{"hunter", "hun", "ter2", "zz"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error repeats the password: %v", url, err)
			}
		}
	}
}
