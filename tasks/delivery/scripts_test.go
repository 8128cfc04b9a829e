package delivery_test

import (
	"context"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/ledger"
)

// afterRider is no step: it is when Redis has answered to an outcome and to what
// asynq says of the mail's task, in one call, and had forgotten the outcome's
// script alone.
const afterRider delivery.Step = "rider"

// TestRedisForgetsAScriptAndTheWorkerDies holds that a task does not end without
// its mail's outcome: another worker finds both as after any death between Gmail's
// answer and the record.
func TestRedisForgetsAScriptAndTheWorkerDies(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, id := o.enqueue(hello()), o.enqueue(hello()) // With the first the scripts become known.
	o.workUntilKilled(afterRider)
	o.await(first, ledger.Sent)
	o.await(id, ledger.Sending)
	active, err := o.rdb.LRange(t.Context(), "asynq:{"+queue+"}:active", 0, -1).Result()
	if err != nil || !slices.Contains(active, id) {
		t.Fatalf("active are %q, %v; want %s, which has no outcome", active, err, id)
	}
	o.ageLease(id)
	o.endClaim(id)
	o.work()
	o.await(id, ledger.Sent)
	o.accepted(id, 2) // Once more, as its rule says where nobody knows.
}

// forgetting has Redis lose the first script of a pipeline that ends with one of
// asynq's, and no other, and kills this process after it: once all its scripts
// are known.
type forgetting struct {
	rdb *redis.Client // Without this hook.

	mu    sync.Mutex
	known map[string]string // Sources by hash.
}

func (*forgetting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *forgetting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if cmd.Name() == "eval" {
			f.learn(scriptOf(cmd))
		}
		return err
	}
}

func (f *forgetting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		last := cmds[len(cmds)-1]
		if !isAsynqs(last) || !f.knows(last) || !f.knows(cmds[0]) {
			return next(ctx, cmds)
		}
		if err := f.forget(ctx, scriptOf(cmds[0])); err != nil {
			panic(err)
		}
		_ = next(ctx, cmds) // One of the answers is NOSCRIPT.
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // The signal is on its way.
	}
}

func (f *forgetting) learn(source string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[string]string{}
	}
	f.known[redis.NewScript(source).Hash()] = source
}

func (f *forgetting) knows(cmd redis.Cmder) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[scriptOf(cmd)] != ""
}

func (f *forgetting) forget(ctx context.Context, hash string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.ScriptFlush(ctx)
		for known, source := range f.known {
			if known != hash {
				pipe.ScriptLoad(ctx, source)
			}
		}
		return nil
	})
	return err
}

// scriptOf is the text of an EVAL's script, or the hash of an EVALSHA's.
func scriptOf(cmd redis.Cmder) string {
	script, _ := cmd.Args()[1].(string)
	return script
}
