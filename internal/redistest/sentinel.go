package redistest

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is what a Sentinel's sentinels call their master.
const MasterName = "mymaster"

// downAfter is how long a server may be silent before sentinels and a cluster's
// nodes take it for gone: short for a test that waits for it, and long for a
// machine that has other things to do.
const downAfter = 1500 * time.Millisecond

// Sentinel is a master with replicas, watched by three sentinels.
type Sentinel struct {
	// Servers are the master of the beginning, then its replicas.
	Servers []*Server
	// Sentinels watch them.
	Sentinels []*Server

	tb testing.TB
}

// StartSentinel runs a master and so many replicas, none of which writes to
// disk, and three sentinels that fail over when the master is silent for
// a second and a half. It returns when all replicas follow and the sentinels
// know of one another. More settings hold for master and replicas.
func StartSentinel(tb testing.TB, replicas int, args ...string) *Sentinel {
	tb.Helper()
	s := &Sentinel{tb: tb}
	settings := append(append(memory(), replication()...), args...)
	master := start(tb, &Server{args: settings})
	s.Servers = append(s.Servers, master)
	for range replicas {
		s.Servers = append(s.Servers, master.StartReplica(settings...))
	}
	for range 3 {
		s.Sentinels = append(s.Sentinels, start(tb, &Server{conf: sentinelConf(master.Addr)}))
	}
	for _, sentinel := range s.Sentinels {
		// As often as a test needs it: the periods are of 10 and 2 s, and a
		// sentinel that was without processor time does nothing for 30.
		do(tb, sentinel, "SENTINEL", "DEBUG", "info-period", "200", "publish-period", "100", "ask-period", "100",
			"election-timeout", "1000", "tilt-period", "1000")
	}
	await(tb, "the sentinels know one another", func(ctx context.Context) error { return s.isComplete(ctx, replicas) })
	return s
}

// StartReplica runs a replica of the server, until the test ends. It returns when
// that one follows.
func (s *Server) StartReplica(args ...string) *Server {
	s.tb.Helper()
	host, port, _ := net.SplitHostPort(s.Addr)
	do(s.tb, s, "CONFIG", "SET", "repl-diskless-sync", "no") // As in replication.
	info := do(s.tb, s, "INFO", "replication")
	settings := append(append(memory(), replication()...), "--replicaof", host+" "+port)
	replica := start(s.tb, &Server{args: append(settings, args...)})
	await(s.tb, "the replica follows", func(ctx context.Context) error {
		return follow(ctx, s, 1+strings.Count(info, "state=online"))
	})
	return replica
}

// replication are settings that have replicas follow at once: without the disk,
// a master waits for others to come, and what it is given in a replica's first
// second goes to none. CutReplicas needs DEBUG.
func replication() []string {
	return []string{"--repl-diskless-sync", "no", "--repl-ping-replica-period", "1", "--enable-debug-command", "yes"}
}

func sentinelConf(master string) string {
	host, port, _ := net.SplitHostPort(master)
	return fmt.Sprintf("sentinel monitor %[1]s %[2]s %[3]s 2\n"+
		"sentinel down-after-milliseconds %[1]s %[4]d\n"+
		"sentinel failover-timeout %[1]s 6000\n", MasterName, host, port, downAfter.Milliseconds())
}

// isComplete asks each sentinel for the others and the replicas.
func (s *Sentinel) isComplete(ctx context.Context, replicas int) error {
	for _, sentinel := range s.Sentinels {
		c := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr})
		known, err := c.Master(ctx, MasterName).Result()
		_ = c.Close()
		if err != nil {
			return err
		}
		if known["num-other-sentinels"] != "2" || known["num-slaves"] != strconv.Itoa(replicas) {
			return fmt.Errorf("sentinel %s knows of %s others and %s replicas", sentinel.Addr, known["num-other-sentinels"], known["num-slaves"])
		}
	}
	return nil
}

// URL is the set's address as REDIS_URL takes it.
func (s *Sentinel) URL() string {
	return fmt.Sprintf("redis+sentinel://%s/0?master_name=%s&addr=%s&addr=%s",
		s.Sentinels[0].Addr, MasterName, s.Sentinels[1].Addr, s.Sentinels[2].Addr)
}

// Master is the server that the sentinels name as master now.
func (s *Sentinel) Master() *Server {
	s.tb.Helper()
	var master *Server
	await(s.tb, "a master", func(ctx context.Context) error {
		for _, sentinel := range s.Sentinels {
			c := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr, MaxRetries: -1})
			at, err := c.GetMasterAddrByName(ctx, MasterName).Result()
			_ = c.Close()
			if err == nil {
				master = byAddr(s.Servers, net.JoinHostPort(at[0], at[1]))
			}
			if master != nil {
				return nil
			}
		}
		return errNobodyKnows
	})
	return master
}

// AwaitFailover waits until all sentinels name another server than old, and it
// takes writes.
func (s *Sentinel) AwaitFailover(old *Server) *Server {
	s.tb.Helper()
	var master *Server
	for _, sentinel := range s.Sentinels {
		one := &Sentinel{Servers: s.Servers, Sentinels: []*Server{sentinel}, tb: s.tb}
		master = awaitMaster(s.tb, old, one.Master)
	}
	return master
}

// byAddr is the server at an address, or nil.
func byAddr(servers []*Server, addr string) *Server {
	for _, s := range servers {
		if s.Addr == addr {
			return s
		}
	}
	return nil
}

// follow returns an error until so many replicas have all that their master has.
func follow(ctx context.Context, master *Server, replicas int) error {
	info, err := ask(ctx, master, "INFO", "replication")
	if err != nil {
		return err
	}
	if online := strings.Count(info, "state=online"); online != replicas {
		return fmt.Errorf("%d of %d replicas follow %s", online, replicas, master.Addr)
	}
	return nil
}
