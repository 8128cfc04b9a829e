package clitest_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rogpeppe/go-internal/testscript"
)

// redisDo is `redis ARG…`.
func redisDo(ts *testscript.TestScript, _ bool, args []string) {
	rdb := redis.NewClient(&redis.Options{Addr: worldOf(ts).redis.Addr})
	defer func() { _ = rdb.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := make([]any, len(args))
	for i, arg := range args {
		command[i] = arg
	}
	reply, err := rdb.Do(ctx, command...).Result()
	ts.Check(err)
	worldOf(ts).holdSecrets(ts, "redis", fmt.Sprint(reply))
	_, err = fmt.Fprintln(ts.Stdout(), reply)
	ts.Check(err)
}

func redisAway(ts *testscript.TestScript, _ bool, _ []string) { worldOf(ts).redis.Kill() }

func redisBack(ts *testscript.TestScript, _ bool, _ []string) { worldOf(ts).redis.Restart() }

// awaitState is `state [-within TIME] ID STATE [REGEXP]`.
func awaitState(ts *testscript.TestScript, _ bool, args []string) {
	limit, args := within(ts, args)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	why := regexp.MustCompile(strings.Join(args[2:], " "))
	var last string
	for ; ctx.Err() == nil; time.Sleep(pause) {
		status, err := worldOf(ts).client.Status(ctx, args[0])
		if err == nil && string(status.State) == args[1] && why.MatchString(status.Error) {
			return
		}
		if ctx.Err() == nil {
			last = fmt.Sprintf("%s %s (%v)", status.State, status.Error, err)
		}
	}
	ts.Fatalf("%s is %s after %v, want %s", args[0], last, limit, strings.Join(args[1:], " "))
}
