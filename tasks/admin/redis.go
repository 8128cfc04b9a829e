package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// RedisState is how Redis keeps what it is given, in sentences for people. In
// them is neither an address nor a user's name.
type RedisState struct {
	// Refuses is why it takes no writes, so that nothing can be done; empty where
	// it does.
	Refuses string
	// Problems are what can lose accepted mail.
	Problems []string
	// Unknown says that the server does not tell all, as managed ones do not.
	Unknown bool
}

// LookAtRedis tries whether Redis takes writes, and asks it how it keeps them,
// each master of a Cluster. An error says that it is not reached. wait is for
// how many replicas mail is to wait.
func LookAtRedis(ctx context.Context, rdb redis.UniversalClient, wait int) (RedisState, error) {
	state, masters, err := tryRedis(ctx, rdb)
	if err != nil || state.Refuses != "" {
		return state, err
	}
	kept := readKeeping(ctx, masters, wait)
	state.Problems = append(state.Problems, kept.Problems...)
	state.Unknown = kept.Unknown
	return state, nil
}

// master is a server that takes writes, and a key that is its own.
type master struct {
	rdb redis.UniversalClient
	key string
}

// mastersOf are those that have the ledger.
func mastersOf(ctx context.Context, rdb redis.UniversalClient) ([]master, error) {
	cluster, ok := rdb.(*redis.ClusterClient)
	if !ok {
		return []master{{rdb, probeKey(0)}}, nil
	}
	var all []master
	for shard := range ledger.Shards {
		node, err := cluster.MasterForKey(ctx, probeKey(shard))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(all, func(m master) bool { return m.rdb == node }) {
			all = append(all, master{node, probeKey(shard)})
		}
	}
	return all, nil
}

// probeKey is of a key that nobody writes.
func probeKey(shard int) string { return fmt.Sprintf("postroom:{%d}:probe", shard) }

// nodeLimit is how long one master of a Cluster may take: the others' word
// counts too.
const nodeLimit = 700 * time.Millisecond

// tryRedis tries whether it takes writes: in a Cluster, whether any master does.
func tryRedis(ctx context.Context, rdb redis.UniversalClient) (RedisState, []master, error) {
	masters, err := mastersOf(ctx, rdb)
	if err != nil {
		return RedisState{}, nil, err
	}
	if len(masters) == 1 {
		state, err := masters[0].try(ctx)
		return state, masters, err
	}
	states, errs := make([]RedisState, len(masters)), make([]error, len(masters))
	var all sync.WaitGroup
	for i, m := range masters {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, nodeLimit)
			defer cancel()
			states[i], errs[i] = m.try(ctx)
		})
	}
	all.Wait()
	if cluster, ok := rdb.(*redis.ClusterClient); ok && errors.Join(errs...) != nil {
		cluster.ReloadState(ctx) // Another may have taken over.
	}
	return together(masters, states, errs)
}

// together sums up what a Cluster's masters said.
func together(masters []master, states []RedisState, errs []error) (RedisState, []master, error) {
	var sum RedisState
	var work []master
	away := 0
	for i, m := range masters {
		switch {
		case errs[i] != nil:
			away++
		case states[i].Refuses != "":
			sum.Refuses = states[i].Refuses
		default:
			work = append(work, m)
		}
		sum.add(states[i].Problems...)
	}
	if len(work) == 0 {
		if sum.Refuses == "" {
			return sum, nil, errors.Join(errs...)
		}
		return sum, nil, nil
	}
	if sum.Refuses != "" {
		sum.add("a master of the cluster takes no writes: " + sum.Refuses)
		sum.Refuses = ""
	}
	if away > 0 {
		sum.add(fmt.Sprintf("%d of %d masters of the cluster do not answer", away, len(masters)))
	}
	return sum, work, nil
}

// add takes sentences that are not there yet.
func (s *RedisState) add(problems ...string) {
	for _, p := range problems {
		if !slices.Contains(s.Problems, p) {
			s.Problems = append(s.Problems, p)
		}
	}
}

// try makes a write that changes nothing, and that Redis refuses where its memory
// is full: then asynq can't take a task either.
func (m master) try(ctx context.Context) (RedisState, error) {
	why, err := refusal(m.rdb.SetRange(ctx, m.key, 0, "").Err())
	return RedisState{Refuses: why}, err
}

// refusals are Redis's words for taking no writes, and ours.
var refusals = []struct{ prefix, why string }{
	{"READONLY", "it is a read-only replica: name the master in REDIS_URL, or the sentinels (redis+sentinel://)"},
	{"NOREPLICAS", "too few replicas follow it (min-replicas-to-write)"},
	{"MISCONF", "its last snapshot or AOF write failed: its log says why (is the disk full?)"},
	{"OOM", "its memory is full: no mail is accepted or sent (raise maxmemory, or make room)"},
	{"NOPERM", "this user may not write"},
}

// refusal is why a write was not done, or the error of a Redis that is not
// there, or not yet.
func refusal(err error) (string, error) {
	for _, r := range refusals {
		if redis.HasErrorPrefix(err, r.prefix) {
			return r.why, nil
		}
	}
	return "", err
}

// readKeeping asks each master how it keeps what it is given.
func readKeeping(ctx context.Context, masters []master, wait int) RedisState {
	var s RedisState
	for _, m := range masters {
		text, err := m.rdb.Info(ctx).Result()
		if err != nil {
			s.Unknown = true
			continue
		}
		info := parseInfo(text)
		s.add(replicationProblems(info, wait)...)
		if policy := info["maxmemory_policy"]; policy != "noeviction" && policy != "" {
			s.add("maxmemory-policy is " + policy + ": accepted mail is lost when memory runs out (set noeviction)")
		}
		if info["aof_enabled"] == "1" {
			continue
		}
		// A managed server may persist in its own way, and says nothing of it.
		save, err := m.rdb.ConfigGet(ctx, "save").Result()
		switch {
		case err != nil:
			s.Unknown = true
		case save["save"] == "":
			s.add("appendonly is off: nothing is written to disk, and all accepted mail is lost when Redis ends (set appendonly yes)")
		default:
			s.add("appendonly is off: mail accepted since the last snapshot is lost when Redis ends (set appendonly yes)")
		}
	}
	slices.Sort(s.Problems)
	return s
}

func replicationProblems(info map[string]string, wait int) []string {
	if info["role"] == "slave" {
		return []string{"it is a replica that takes writes, which its master never gets: name the master in REDIS_URL"}
	}
	var replicas int
	if _, err := fmt.Sscan(info["connected_slaves"], &replicas); err != nil || replicas >= wait {
		return nil
	}
	return []string{fmt.Sprintf("POSTROOM_WAIT_REPLICAS is %d, and only %d follow: what waits for them is late", wait, replicas)}
}

// parseInfo reads what INFO answers.
func parseInfo(text string) map[string]string {
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	return info
}
