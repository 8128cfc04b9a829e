package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

// riders are the outcomes of mail that was sent, on their way to Redis with
// what asynq says of the mail's task: that saves a round trip of three.
//
// A handler leaves its outcome here and returns. asynq then says that the task is
// done, or, where it is being stopped at this moment, that it goes back: the
// outcome goes before that, in one pipeline. Where asynq says nothing, because
// the task's lease has ended, the outcome goes alone a moment later.
type riders struct {
	mu      sync.Mutex
	waiting map[string]*rider
	words   map[string]*ledger.IfSent // Scripts of asynq's by their hash.
}

// rider is an outcome. It is written once, by whoever takes it, who waits until
// that is done.
type rider struct {
	write func(along func(redis.Pipeliner))
	alone *time.Timer
	// written is closed when it went alone; nil while it waits.
	written chan struct{}
}

// aloneAfter is how long an outcome waits for asynq, which comes at once or never.
const aloneAfter = time.Second

func newRiders() *riders {
	return &riders{waiting: map[string]*rider{}, words: map[string]*ledger.IfSent{}}
}

// add leaves the outcome of a mail. What it writes takes along goes right after
// it. The outcome of an attempt before this one that waits still goes alone, at
// once.
func (r *riders) add(id string, write func(along func(redis.Pipeliner))) {
	mine := &rider{write: write}
	r.mu.Lock()
	before := r.waiting[id]
	if before != nil && before.written != nil {
		before = nil // It goes already.
	}
	r.waiting[id] = mine
	mine.alone = time.AfterFunc(aloneAfter, func() {
		if r.begin(id, mine) {
			write(nil)
			r.end(id, mine)
		}
	})
	r.mu.Unlock()
	if before != nil {
		before.alone.Stop()
		before.write(nil)
	}
}

// begin has an outcome go alone, and reports whether it waited still. It stays
// until its end, so that asynq's word does not overtake it.
func (r *riders) begin(id string, one *rider) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting[id] != one {
		return false
	}
	one.written = make(chan struct{})
	return true
}

func (r *riders) end(id string, one *rider) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(one.written)
	if r.waiting[id] == one {
		delete(r.waiting, id)
	}
}

// take returns what writes a mail's outcome, nil where none waits, and the script
// that goes after it. Where that was not learned it is nil, and the outcome waits
// on. One that goes alone is written when take returns.
func (r *riders) take(id, sha string) (write func(along func(redis.Pipeliner)), word *ledger.IfSent) {
	r.mu.Lock()
	waiting, ok := r.waiting[id]
	if !ok || waiting.written != nil {
		r.mu.Unlock()
		if ok {
			<-waiting.written
		}
		return nil, nil
	}
	defer r.mu.Unlock()
	if word = r.words[sha]; word != nil {
		waiting.alone.Stop()
		delete(r.waiting, id)
	}
	return waiting.write, word
}

// learn keeps a script by which asynq says what becomes of a task, and returns
// its hash.
func (r *riders) learn(source string) (sha string) {
	sha = redis.NewScript(source).Hash()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.words[sha] == nil {
		r.words[sha] = ledger.NewIfSent(source)
	}
	return sha
}

// mayRide reports whether an outcome may go with asynq's word of its task. In a
// Cluster the two are on different nodes, and the word might be heard without
// the outcome: a mail that was sent would be sending for ever. Where replicas have
// to have it, the task waits for them.
func (a *attempt) mayRide(v *verdict) bool {
	_, oneServer := a.Redis.(*redis.Client)
	return oneServer && a.WaitReplicas == 0 && v.state == ledger.Sent && !v.settled
}

// ride ends an attempt when its outcome is written.
func (a *attempt) ride(v *verdict) {
	a.riders.add(a.id, func(along func(redis.Pipeliner)) {
		defer a.leaveGate()
		a.finish(v, along)
		_ = a.tellAsynq(v) // It is being told, or never will be.
	})
}

// withRider runs a script of asynq's that says what becomes of a task right after
// the outcome that waits for it, where one does.
//
// Redis may have forgotten the outcome's script, and know asynq's. The task must
// not end then: a worker that is killed before it writes the outcome again would
// leave a mail that is sending, and no task. So asynq's script runs only where the
// mail is sent, and once more when the outcome is written after all. That takes
// the script's text, which asynq gives when it hears that Redis does not know it.
func (c steadfast) withRider(
	ctx context.Context, id, sha string, keys []string, args []any,
) (cmd *redis.Cmd, ok bool) {
	write, word := c.riders.take(id, sha)
	if write == nil {
		return nil, false
	}
	cmd = redis.NewCmd(ctx)
	cmd.SetErr(redis.ErrNoScript)
	if word == nil {
		return cmd, true // asynq comes back, with Eval.
	}
	write(func(pipe redis.Pipeliner) { cmd = word.EvalSha(ctx, pipe, id, keys, args...) })
	if ledger.Refused(cmd.Err()) {
		cmd = word.Eval(ctx, c.UniversalClient, id, keys, args...)
	}
	return cmd, true
}
