package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// replicasTimeout is how long AwaitReplicas gives the replicas of a master: they
// answer within a round trip, or they are behind or away.
const replicasTimeout = time.Second

// AwaitReplicas waits until n replicas have what their master has: the master of
// the record of id, and those of the keys beside. It returns how many have it;
// fewer than n where a second was not enough. n of 0 asks nobody.
//
// It says nothing of a write that a failover has lost before: look, afterwards,
// whether it is there.
func (l *Ledger) AwaitReplicas(ctx context.Context, id string, n int, beside ...string) (int, error) {
	if n <= 0 {
		return 0, nil
	}
	var asked []redis.UniversalClient
	for _, key := range append(beside, recordKey(id)) {
		master, err := l.masterOf(ctx, key)
		if err != nil {
			return 0, fmt.Errorf("ledger: wait for replicas of %q: %w", id, err)
		}
		if slices.Contains(asked, master) {
			continue
		}
		asked = append(asked, master)
		have, err := awaitReplicas(ctx, master, n, markerKey(key))
		if err != nil {
			l.lookForMasters(ctx)
			return 0, fmt.Errorf("ledger: wait for replicas of %q: %w", id, err)
		}
		if have < n {
			return have, nil
		}
	}
	return n, nil
}

// awaitReplicas asks one master. WAIT is for what its own connection has
// written: behind a write there, it is for all that the master had before.
func awaitReplicas(ctx context.Context, master redis.UniversalClient, n int, marker string) (int, error) {
	pipe := master.Pipeline()
	pipe.Set(ctx, marker, 1, replicasTimeout)
	have := pipe.Do(ctx, "WAIT", n, replicasTimeout.Milliseconds())
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, err
	}
	return have.Int()
}

// masterOf is whom to ask about a key. WAIT has none, so that the client of a
// Cluster would ask anybody.
func (l *Ledger) masterOf(ctx context.Context, key string) (redis.UniversalClient, error) {
	if cluster, ok := l.rdb.(*redis.ClusterClient); ok {
		return cluster.MasterForKey(ctx, key)
	}
	return l.rdb, nil
}

// lookForMasters has a Cluster's client find out who they are now.
func (l *Ledger) lookForMasters(ctx context.Context) {
	if cluster, ok := l.rdb.(*redis.ClusterClient); ok {
		cluster.ReloadState(ctx)
	}
}

// markerKey names a key in the slot of another.
func markerKey(key string) string {
	tag := key
	if _, rest, found := strings.Cut(key, "{"); found {
		if inner, _, closed := strings.Cut(rest, "}"); closed && inner != "" {
			tag = inner
		}
	}
	return "postroom:{" + tag + "}:wait"
}
