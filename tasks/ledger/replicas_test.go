package ledger_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// awaitReplicas asks for one replica, and holds how many answered.
func awaitReplicas(t *testing.T, l *ledger.Ledger, want int, beside ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := l.AwaitReplicas(ctx, "a", 1, beside...); err != nil || got != want {
		t.Errorf("%d replicas (%v), want %d", got, err, want)
	}
}

func TestAwaitReplicas(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	l := ledger.New(master.Client(), ledger.Lifetimes{})
	began := time.Now()
	awaitReplicas(t, l, 0)
	if took := time.Since(began); took < time.Second || took > 4*time.Second {
		t.Errorf("it waited %v for a replica that is not there, want a second", took)
	}
	if got, err := l.AwaitReplicas(t.Context(), "a", 0); err != nil || got != 0 {
		t.Errorf("asked for none: %d, %v", got, err)
	}
	replica := master.StartReplica()
	awaitReplicas(t, l, 1)

	// It is not satisfied before the replica has what was written on another
	// connection.
	replica.Pause()
	if _, _, err := l.Reserve(t.Context(), "a", ledger.Reservation{Queue: "default", Hash: "x"}); err != nil {
		t.Fatal(err)
	}
	awaitReplicas(t, l, 0)
	replica.Resume()
	awaitReplicas(t, l, 1)
	rec, err := ledger.New(replica.Client(), ledger.Lifetimes{}).Look(t.Context(), "a")
	if err != nil || rec.State != ledger.Queued {
		t.Errorf("the replica has %+v (%v)", rec, err)
	}
	ttl, err := master.Client().PTTL(t.Context(), "postroom:{3}:wait").Result()
	if err != nil || ttl <= 0 || ttl > time.Second {
		t.Errorf("the marker lives for %v (%v), want a second at most", ttl, err)
	}
}

// TestAwaitReplicasOnCluster asks those masters that have the keys, and no
// others.
func TestAwaitReplicasOnCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{c.Nodes[0].Addr, c.Nodes[1].Addr, c.Nodes[2].Addr}})
	t.Cleanup(func() { _ = rdb.Close() })
	l := ledger.New(rdb, ledger.Lifetimes{})
	own := c.Master("postroom:{3}:mail:a")
	var same, other string
	for i := 0; same == "" || other == ""; i++ {
		if key := strconv.Itoa(i); c.Master(key) == own {
			same = key
		} else {
			other = key
		}
	}
	awaitReplicas(t, l, 1, same, other, "asynq:{"+other+"}:t:a")
	c.Master(other).CutReplicas()
	awaitReplicas(t, l, 1)
	awaitReplicas(t, l, 1, same)
	awaitReplicas(t, l, 0, other)
}
