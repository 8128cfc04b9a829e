package redistest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
)

// limit is how long replicas have.
const limit = 2 * time.Second

func TestStartReplica(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t, "--enable-debug-command", "yes")
	set(t, master, "a")
	replica := master.StartReplica()
	rdb := master.Client()
	both := func() int {
		pipe := rdb.Pipeline()
		pipe.Set(t.Context(), "key", "b", 0)
		n := pipe.Do(t.Context(), "WAIT", 1, 200)
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, _ := n.Int()
		return got
	}
	if n := both(); n != 1 {
		t.Errorf("%d replicas have what was written, want 1", n)
	}
	checkKey(t, replica, "b")
	master.CutReplicas()
	if n := both(); n != 0 {
		t.Errorf("cut off, %d replicas have what was written", n)
	}
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t, 2)
	o, err := redis.ParseFailoverURL("redis" + s.URL()[len("redis+sentinel"):])
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewFailoverClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	if err := rdb.Set(t.Context(), "key", "kept", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n, err := rdb.Wait(t.Context(), 2, limit).Result(); err != nil || n != 2 {
		t.Fatalf("%d replicas have it (%v), want 2", n, err)
	}
	old := s.Master()
	if old != s.Servers[0] {
		t.Errorf("the master is %s, want %s", old.Addr, s.Servers[0].Addr)
	}
	old.Kill()
	master := s.AwaitFailover(old)
	if !slices.Contains(s.Servers[1:], master) || s.Master() != master {
		t.Errorf("after a failover the master is %s", master.Addr)
	}
	checkKey(t, master, "kept")
	set(t, master, "more")
}

func TestCluster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	o, err := redis.ParseClusterURL("redis" + c.URL()[len("redis+cluster"):])
	if err != nil {
		t.Fatal(err)
	}
	rdb := redis.NewClusterClient(o)
	t.Cleanup(func() { _ = rdb.Close() })
	masters := map[*redistest.Server]bool{}
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "key"} {
		if err := rdb.Set(t.Context(), key, "kept", 0).Err(); err != nil {
			t.Error(err)
		}
		masters[c.Master(key)] = true
	}
	if len(masters) != 3 {
		t.Errorf("seven keys lie on %d masters, want 3", len(masters))
	}
	old := c.Master("key")
	node := old.Client()
	node.Set(t.Context(), "key", "kept", 0)
	if n, err := node.Wait(t.Context(), 1, limit).Result(); err != nil || n < 1 {
		t.Fatalf("%d replicas have it (%v), want 1", n, err)
	}
	old.Kill()
	master := c.AwaitFailover("key", old)
	if !slices.Contains(c.Nodes[3:], master) || c.Master("key") != master {
		t.Errorf("after a failover the master is %s", master.Addr)
	}
	checkKey(t, master, "kept")
	set(t, master, "more")
}
