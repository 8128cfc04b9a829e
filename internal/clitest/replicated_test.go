package clitest_test

import (
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
)

// durable are settings for the servers of a set, as those of a single one.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always"}

// redisSentinel is `redis-sentinel`.
func redisSentinel(ts *testscript.TestScript, _ bool, _ []string) {
	w := worldOf(ts)
	s := redistest.StartSentinel(w.tb, 1, durable...)
	w.move(ts, s.URL())
	w.failOver = func() {
		old := s.Master()
		old.Kill()
		s.AwaitFailover(old)
	}
}

// redisCluster is `redis-cluster`.
func redisCluster(ts *testscript.TestScript, _ bool, _ []string) {
	const accounts = "postroom:{accounts}:list"
	w := worldOf(ts)
	c := redistest.StartCluster(w.tb, durable...)
	w.move(ts, c.URL())
	w.failOver = func() {
		old := c.Master(accounts)
		old.Kill()
		c.AwaitFailover(accounts, old)
	}
}

// move has the script's commands use another Redis.
func (w *world) move(ts *testscript.TestScript, url string) {
	ts.Setenv("REDIS_URL", url)
	rdb, err := tasks.OpenRedis(url)
	ts.Check(err)
	ts.Defer(func() { _ = rdb.Close() })
	w.client = tasks.NewClient(rdb)
}

// redisFailOver is `redis-fail-over`.
func redisFailOver(ts *testscript.TestScript, _ bool, _ []string) { worldOf(ts).failOver() }
