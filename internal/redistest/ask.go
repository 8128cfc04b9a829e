package redistest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// ask has a server run one command.
func ask(ctx context.Context, s *Server, args ...any) (string, error) {
	c := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer func() { _ = c.Close() }()
	answer, err := c.Do(ctx, args...).Result()
	return fmt.Sprint(answer), err
}

// do is ask for what a healthy server can't refuse.
func do(tb testing.TB, s *Server, args ...any) string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	answer, err := ask(ctx, s, args...)
	if err != nil {
		tb.Fatalf("redistest: %v on %s: %v", args, s.Addr, err)
	}
	return answer
}

// await asks again and again until there is no error.
func await(tb testing.TB, what string, try func(context.Context) error) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("redistest: not within %v: %s: %v", startTimeout, what, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// CutReplicas has a master's replicas stay with what they have: they live, and
// get nothing more of what it is given. It is for masters of a Sentinel or a
// Cluster, and for good.
func (s *Server) CutReplicas() {
	s.tb.Helper()
	// Under another replication ID they can't go on where they were, and a copy
	// of all waits for an hour.
	do(s.tb, s, "CONFIG", "SET", "repl-diskless-sync", "yes", "repl-diskless-sync-delay", "3600")
	do(s.tb, s, "DEBUG", "CHANGE-REPL-ID")
	do(s.tb, s, "CLIENT", "KILL", "TYPE", "replica")
	await(s.tb, "the replicas are cut off", func(ctx context.Context) error {
		info, err := ask(ctx, s, "INFO", "replication")
		if err == nil && strings.Contains(info, "state=online") {
			err = fmt.Errorf("a replica follows: %s", info)
		}
		return err
	})
}

// awaitMaster waits until another than old is master, and says so itself.
func awaitMaster(tb testing.TB, old *Server, named func() *Server) *Server {
	tb.Helper()
	var master *Server
	await(tb, "a failover", func(ctx context.Context) error {
		master = named()
		if master == nil || master == old {
			return fmt.Errorf("the master is still %s", old.Addr)
		}
		role, err := ask(ctx, master, "ROLE")
		if err == nil && !strings.HasPrefix(role, "[master ") {
			err = fmt.Errorf("%s is %s", master.Addr, role)
		}
		return err
	})
	return master
}
