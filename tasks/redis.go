package tasks

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/redis/go-redis/v9"
)

// OpenRedis returns a client for a REDIS_URL. User, password and database are
// taken from it:
//
//	redis://user:password@host:6379/0        one server
//	rediss://…                               the same over TLS
//	unix:///run/redis.sock?db=0              a socket
//	redis+sentinel://host:26379/0?master_name=mymaster&addr=host2:26379
//	redis+cluster://host:7000?addr=host2:7000&addr=host3:7000
//
// Sentinels and the servers that they watch are given the same user and
// password, unless ?username= and ?password= name the servers' own. A cluster
// has database 0 alone.
//
// It does not connect yet. An app may as well hand NewClient a client of its
// own; with ContextTimeoutEnabled set, calls then end when their context does.
func OpenRedis(redisURL string) (redis.UniversalClient, error) {
	scheme, rest, ok := strings.Cut(redisURL, "://")
	if !ok {
		return nil, redisURLError("it has no scheme")
	}
	if strings.Contains(rest, "#") { // What follows it is lost, and what stands before it no host.
		return nil, redisURLError(escapeHint)
	}
	plain, kind, _ := strings.Cut(scheme, "+")
	switch {
	case kind == "" && (plain == "redis" || plain == "rediss" || plain == "unix"):
		return openServer(redisURL)
	case kind == "sentinel" && (plain == "redis" || plain == "rediss"):
		return openSentinel(plain + "://" + rest)
	case kind == "cluster" && (plain == "redis" || plain == "rediss"):
		return openCluster(plain + "://" + rest)
	default:
		return nil, redisURLError("its scheme is unknown")
	}
}

func openServer(redisURL string) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, redisURLError(reason(err, redisURL))
	}
	o.ContextTimeoutEnabled = true
	return redis.NewClient(o), nil
}

func openSentinel(redisURL string) (redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(redisURL)
	if err != nil {
		return nil, redisURLError(reason(err, redisURL))
	}
	if o.MasterName == "" {
		return nil, redisURLError("a sentinel URL needs ?master_name=NAME")
	}
	if o.Username == "" && o.Password == "" {
		o.Username, o.Password = o.SentinelUsername, o.SentinelPassword
	}
	o.ContextTimeoutEnabled = true
	rdb := redis.NewFailoverClient(o)
	rdb.AddHook(namer{o.MasterName})
	return rdb, nil
}

func openCluster(redisURL string) (redis.UniversalClient, error) {
	o, err := redis.ParseClusterURL(redisURL)
	if err != nil {
		return nil, redisURLError(reason(err, redisURL))
	}
	if u, err := url.Parse(redisURL); err == nil && strings.Trim(u.Path, "/0") != "" {
		return nil, redisURLError("a cluster has database 0 alone")
	}
	o.ContextTimeoutEnabled = true
	rdb := redis.NewClusterClient(o)
	rdb.AddHook(follower{rdb})
	return rdb, nil
}

// redisURLError does not repeat the URL: there may be a password in it.
func redisURLError(reason string) error {
	return fmt.Errorf("REDIS_URL: %s; must be redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://, "+
		"such as redis://127.0.0.1:6379/0", reason)
}

// escapeHint is for a URL that ends, or changes its parts, within a password.
const escapeHint = "it cannot be read; in user and password write / as %2F, ? as %3F, # as %23, @ as %40 and % as %25"

// afterHost is what follows user, password and host in a URL.
var afterHost = regexp.MustCompile(`://[^/?#]*(.*)`)

// reason is what a URL parser found. Where that may repeat a part of the
// password, it is a hint instead: a / or # in a password ends the host's part
// of a URL, and parsers quote what they take for a port or a path.
func reason(err error, redisURL string) string {
	_, notURL := errors.AsType[*url.Error](err)
	if m := afterHost.FindStringSubmatch(redisURL); notURL || m == nil || strings.Contains(m[1], "@") {
		return escapeHint
	}
	return strings.TrimPrefix(err.Error(), "redis: ")
}
