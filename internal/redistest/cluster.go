package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// clusterMasters is how many masters a Cluster has; slots is how many slots they
// share.
const (
	clusterMasters = 3
	slots          = 16384
)

// Cluster is a Redis Cluster of three masters with a replica each.
type Cluster struct {
	// Nodes are the masters of the beginning, then their replicas in the same
	// order.
	Nodes []*Server

	tb testing.TB
}

// StartCluster runs a cluster whose nodes write nothing to disk, and whose
// replicas take over when their master is silent for a second and a half. It
// returns when all nodes agree and all replicas follow. More settings hold for
// each node.
func StartCluster(tb testing.TB, args ...string) *Cluster {
	tb.Helper()
	c := &Cluster{tb: tb}
	settings := append(memory(), "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
		"--cluster-node-timeout", strconv.FormatInt(downAfter.Milliseconds(), 10), "--cluster-replica-validity-factor", "0",
		"--cluster-allow-replica-migration", "no")
	settings = append(append(settings, replication()...), args...)
	for range 2 * clusterMasters {
		c.Nodes = append(c.Nodes, start(tb, &Server{bus: "any", args: settings}))
	}
	for i, node := range c.Nodes {
		do(tb, node, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
		if i < clusterMasters {
			do(tb, node, "CLUSTER", "ADDSLOTSRANGE", i*slots/clusterMasters, (i+1)*slots/clusterMasters-1)
		}
		for _, other := range c.Nodes[:i] {
			host, port, _ := net.SplitHostPort(other.Addr)
			do(tb, node, "CLUSTER", "MEET", host, port, other.bus)
		}
	}
	await(tb, "the nodes know one another", c.haveMet)
	for i, replica := range c.Nodes[clusterMasters:] {
		do(tb, replica, "CLUSTER", "REPLICATE", do(tb, c.Nodes[i], "CLUSTER", "MYID"))
	}
	await(tb, "the cluster is whole", c.isWhole)
	return c
}

// haveMet asks each node whether it knows all others by their names.
func (c *Cluster) haveMet(ctx context.Context) error {
	for _, node := range c.Nodes {
		known, err := ask(ctx, node, "CLUSTER", "NODES")
		if err != nil {
			return err
		}
		if strings.Count(known, "connected") != len(c.Nodes) || strings.Contains(known, "handshake") || strings.Contains(known, "disconnected") {
			return fmt.Errorf("%s knows\n%s", node.Addr, known)
		}
	}
	return nil
}

// isWhole asks each node for the state, the replicas that it sees, and whether
// they follow.
func (c *Cluster) isWhole(ctx context.Context) error {
	for i, node := range c.Nodes {
		info, err := ask(ctx, node, "CLUSTER", "INFO")
		if err != nil {
			return err
		}
		known, err := ask(ctx, node, "CLUSTER", "NODES")
		if err != nil {
			return err
		}
		if !strings.Contains(info, "cluster_state:ok") || strings.Count(known, "slave") != clusterMasters {
			return fmt.Errorf("%s: %s\n%s", node.Addr, info, known)
		}
		if i < clusterMasters {
			if err := follow(ctx, node, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// URL is the cluster's address as REDIS_URL takes it.
func (c *Cluster) URL() string {
	return fmt.Sprintf("redis+cluster://%s?addr=%s&addr=%s", c.Nodes[0].Addr, c.Nodes[1].Addr, c.Nodes[2].Addr)
}

// Master is the node that serves a key's slot now.
func (c *Cluster) Master(key string) *Server {
	c.tb.Helper()
	var master *Server
	await(c.tb, "a master", func(ctx context.Context) error {
		for _, node := range c.Nodes {
			if master = c.masterSeenBy(ctx, node, key); master != nil {
				return nil
			}
		}
		return errNobodyKnows
	})
	return master
}

var errNobodyKnows = errors.New("nobody knows of one")

func (c *Cluster) masterSeenBy(ctx context.Context, node *Server, key string) *Server {
	rdb := redis.NewClient(&redis.Options{Addr: node.Addr, MaxRetries: -1})
	defer func() { _ = rdb.Close() }()
	slot, err := rdb.ClusterKeySlot(ctx, key).Result()
	if err != nil {
		return nil
	}
	ranges, err := rdb.ClusterSlots(ctx).Result() //nolint:staticcheck // Redis 6.2 has no ClusterShards.
	if err != nil {
		return nil
	}
	for _, r := range ranges {
		if int64(r.Start) <= slot && slot <= int64(r.End) && len(r.Nodes) > 0 {
			return byAddr(c.Nodes, r.Nodes[0].Addr)
		}
	}
	return nil
}

// AwaitFailover waits until another node than old serves the key's slot, and
// takes writes.
func (c *Cluster) AwaitFailover(key string, old *Server) *Server {
	c.tb.Helper()
	return awaitMaster(c.tb, old, func() *Server { return c.Master(key) })
}
