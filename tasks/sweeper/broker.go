package sweeper

import (
	"context"
	_ "embed" // The scripts.
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/ledger"
)

const (
	// recovererMisses is how long after the end of its lease a task is asynq's
	// own business: its recoverer comes after 30 to 90 s.
	recovererMisses = 5 * time.Minute
	// searched is how long a list of pending tasks may be for one to be looked
	// for in it.
	searched = 1000
)

var (
	//go:embed shared.lua
	sharedSource string
	//go:embed look.lua
	lookSource string
	//go:embed heal.lua
	healSource string
	//go:embed trim.lua
	trimSource string

	lookScript = redis.NewScript(sharedSource + lookSource)
	healScript = redis.NewScript(sharedSource + healSource)
	trimScript = redis.NewScript(trimSource)
)

// broker is asynq's side: what it has in Redis, in its own keys (asynq v0.26.0
// internal/base/base.go). Its Inspector takes three round trips a task, and
// does not say where a task is listed.
type broker struct {
	rdb redis.UniversalClient
	now func() time.Time
}

func newBroker(rdb redis.UniversalClient, now func() time.Time) *broker { return &broker{rdb, now} }

// task is how one stands.
type task struct {
	// state is asynq's word for it, such as "pending"; empty where there is no
	// task.
	state string
	// listed says that it is where its state says: asynq will come to it.
	listed bool
	// archivedAt is when it was archived, in seconds since 1970; else empty.
	archivedAt string
}

const (
	archived = "archived"
	// completed is done, and kept because another program asked for that
	// (asynq.Retention): it brings its mail no more than a deleted one.
	completed = "completed"
)

func queueKey(queue, what string) string { return "asynq:{" + queue + "}:" + what }
func taskKey(queue, id string) string    { return queueKey(queue, "t:"+id) }

// keys and args are those of the scripts on one task.
func (*broker) keys(queue, id string) []string {
	return []string{
		taskKey(queue, id), queueKey(queue, "pending"), queueKey(queue, "active"), queueKey(queue, "lease"),
		queueKey(queue, "scheduled"), queueKey(queue, "retry"), queueKey(queue, archived),
	}
}

func (b *broker) args(id string) []any {
	now := b.now()
	return []any{id, now.Unix(), now.Add(-recovererMisses).Unix(), searched}
}

// look reads how the tasks of several mails stand, in one round trip.
func (b *broker) look(ctx context.Context, records []ledger.Record) ([]task, error) {
	answers := b.ask(ctx, records)
	for _, answer := range answers {
		if !redis.HasErrorPrefix(answer.Err(), "NOSCRIPT") {
			continue
		}
		if err := lookScript.Load(ctx, b.rdb).Err(); err != nil {
			return nil, fmt.Errorf("look at %d tasks: %w", len(records), err)
		}
		answers = b.ask(ctx, records)
		break
	}
	seen := make([]task, len(answers))
	for i, answer := range answers {
		said, err := answer.Slice()
		if err != nil || len(said) != 3 {
			return nil, fmt.Errorf("look at %d tasks: %d answers, %w", len(records), len(said), err)
		}
		state, _ := said[0].(string)
		at, _ := said[2].(string)
		seen[i] = task{state: state, listed: said[1] == int64(1), archivedAt: at}
	}
	return seen, nil
}

func (b *broker) ask(ctx context.Context, records []ledger.Record) []*redis.Cmd {
	pipe := b.rdb.Pipeline()
	answers := make([]*redis.Cmd, len(records))
	for i, rec := range records {
		answers[i] = lookScript.EvalSha(ctx, pipe, b.keys(rec.Queue, rec.ID), b.args(rec.ID)...)
	}
	_, _ = pipe.Exec(ctx) // Each command has its own error.
	return answers
}

// heal puts a task where asynq finds it, where it is still nowhere.
func (b *broker) heal(ctx context.Context, queue, id string) (healed bool, err error) {
	healed, err = healScript.Run(ctx, b.rdb, b.keys(queue, id), b.args(id)...).Bool()
	if err != nil {
		return false, fmt.Errorf("put the task back: %w", err)
	}
	return healed, nil
}

// trim deletes tasks that are in the archive still, and returns how many.
func (b *broker) trim(ctx context.Context, queue string, ids []string) (gone int, err error) {
	keys, args := make([]string, 1+len(ids)), make([]any, len(ids))
	keys[0] = queueKey(queue, archived)
	for i, id := range ids {
		keys[1+i], args[i] = taskKey(queue, id), id
	}
	gone, err = trimScript.Run(ctx, b.rdb, keys, args...).Int()
	if err != nil {
		return 0, fmt.Errorf("trim the archive: %w", err)
	}
	return gone, nil
}

// info reads a task whole.
func (b *broker) info(ctx context.Context, queue, id string) (*asynq.TaskInfo, error) {
	return b.inspector(ctx).GetTaskInfo(queue, id)
}

// run is the dashboard's: it puts a task that waits, or is archived, at the end
// of its queue.
func (b *broker) run(ctx context.Context, queue, id string) error {
	return b.inspector(ctx).RunTask(queue, id)
}

func (b *broker) inspector(ctx context.Context) *asynq.Inspector {
	return asynq.NewInspectorFromRedisClient(within{b.rdb, ctx})
}

// within makes a client's calls under a context of its own: asynq's Inspector
// takes none, and makes these three.
type within struct {
	redis.UniversalClient

	ctx context.Context //nolint:containedctx // It is what within is for.
}

func (w within) SIsMember(_ context.Context, key string, member any) *redis.BoolCmd {
	return w.UniversalClient.SIsMember(w.ctx, key, member)
}

func (w within) EvalSha(_ context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	return w.UniversalClient.EvalSha(w.ctx, sha1, keys, args...)
}

func (w within) Eval(_ context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return w.UniversalClient.Eval(w.ctx, script, keys, args...)
}

// countedOut reports whether asynq itself archived a task, because of tries that
// it counted or a lease that ended. The moment of both is the same then; a
// person archives it later than it last failed, or without.
func countedOut(t task, info *asynq.TaskInfo) bool {
	return !info.LastFailedAt.IsZero() && strconv.FormatInt(info.LastFailedAt.Unix(), 10) == t.archivedAt
}
