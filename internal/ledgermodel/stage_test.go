package ledgermodel_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// A stage is a Redis on which the ledger's calls are tried out. What a call
// makes of an image is always the same, so each is tried once: put the image
// into Redis, call the ledger, read the image that came of it.
type stage struct {
	t      *testing.T
	rdb    *redis.Client
	ledger *ledger.Ledger
	done   *counter

	calls  *interned[call]
	images []image
	ids    map[string]imageID
	known  map[question]outcome
	times  map[shift]imageID
	names  map[naming]imageID
}

// imageID is an image's place in stage.images; 0 is a Redis that knows nothing.
type imageID int32

type (
	question struct {
		before imageID
		call   uint16
	}
	outcome struct {
		after  imageID
		answer answer
	}
	shift struct {
		before  imageID
		seconds int64
	}
	naming struct {
		before   imageID
		from, to string
	}
)

// newStage returns a stage on a Redis of its own. The scripts may be altered on
// their way to it.
func newStage(t *testing.T, alter func(script string) string) *stage {
	t.Helper()
	rdb := redistest.Start(t).Client()
	s := &stage{
		t: t, rdb: rdb, done: &counter{}, ids: map[string]imageID{}, known: map[question]outcome{}, calls: newInterned[call](),
		times: map[shift]imageID{}, names: map[naming]imageID{},
	}
	if err := rdb.Ping(t.Context()).Err(); err != nil { // What a new connection says is done before it counts.
		t.Fatal(err)
	}
	rdb.AddHook(s.done)
	s.ledger = ledger.New(altered{rdb, alter}, ledger.Lifetimes{})
	s.id(newImage(map[string]string{}, time.Now()))
	return s
}

// altered is a Redis client that gets other scripts than it is given.
type altered struct {
	*redis.Client

	alter func(string) string
}

func (a altered) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if a.alter == nil {
		return a.Client.EvalSha(ctx, sha, keys, args...)
	}
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(noScriptError{}) // So that it comes as a text.
	return cmd
}

func (a altered) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if a.alter == nil {
		return a.Client.Eval(ctx, script, keys, args...)
	}
	return redis.NewScript(a.alter(script)).Run(ctx, a.Client, keys, args...)
}

// Pipeline returns one that knows no script: then the ledger makes its call by
// itself.
func (a altered) Pipeline() redis.Pipeliner {
	if a.alter == nil {
		return a.Client.Pipeline()
	}
	return forgetful{a.Client.Pipeline()}
}

type forgetful struct{ redis.Pipeliner }

func (forgetful) EvalSha(ctx context.Context, _ string, _ []string, _ ...any) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(noScriptError{})
	return cmd
}

type noScriptError struct{}

func (noScriptError) Error() string { return "NOSCRIPT" }
func (noScriptError) RedisError()   {}

// try returns what a call makes of an image.
func (s *stage) try(before imageID, c call) outcome {
	q := question{before, s.calls.id(c)}
	out, ok := s.known[q]
	if !ok {
		after, got, err := s.play(s.images[before], c)
		if err != nil {
			s.t.Fatal(err)
		}
		out = outcome{s.id(after), got}
		s.known[q] = out
	}
	return out
}

// play puts an image into Redis, makes a call, and takes the image that came of
// it.
func (s *stage) play(before image, c call) (after image, got answer, err error) {
	for {
		start := time.Now()
		if err := s.put(before, start); err != nil {
			return image{}, answer{}, err
		}
		did := s.done.commands
		if got, err = c.ask(s.t.Context(), s.ledger); err != nil {
			return image{}, answer{}, err
		}
		if n := s.done.commands - did; n != 1 {
			return image{}, answer{}, fmt.Errorf("%v is %d commands: the model takes each call for one, which is done or not", c, n)
		}
		if after, err = s.get(); err != nil || time.Since(start) < time.Second {
			return after, got, err
		}
		// The machine stood still, and the times in the image mean nothing.
	}
}

// id returns the number of an image.
func (s *stage) id(im image) imageID {
	key := im.String()
	id, ok := s.ids[key]
	if !ok {
		id = imageID(len(s.images))
		s.images = append(s.images, im)
		s.ids[key] = id
	}
	return id
}

func (s *stage) later(before imageID, seconds int64) imageID {
	k := shift{before, seconds}
	if _, ok := s.times[k]; !ok {
		s.times[k] = s.id(s.images[before].later(seconds))
	}
	return s.times[k]
}

func (s *stage) renamed(before imageID, from, to string) imageID {
	k := naming{before, from, to}
	if _, ok := s.names[k]; !ok {
		s.names[k] = s.id(s.images[before].renamed(from, to))
	}
	return s.names[k]
}

// Where the ledger keeps the mail.
const (
	recordKey = "postroom:{61}:mail:" + mailID
	openKey   = "postroom:{61}:open"
	failedKey = "postroom:{61}:failed"
	keptKey   = "postroom:{61}:kept:" + mailID
)

// put makes Redis hold an image and nothing else.
func (s *stage) put(im image, now time.Time) error {
	pipe := s.rdb.Pipeline()
	pipe.FlushDB(s.t.Context())
	if len(im.fields) > 0 {
		pipe.HSet(s.t.Context(), recordKey, im.stored(now)...)
	}
	if im.life > 0 {
		pipe.PExpire(s.t.Context(), recordKey, hours(im.life))
	}
	if im.open {
		pipe.ZAdd(s.t.Context(), openKey, redis.Z{Score: float64(now.UnixMilli()), Member: mailID})
	}
	if im.failed != none {
		pipe.ZAdd(s.t.Context(), failedKey, redis.Z{Score: float64(now.Add(hours(im.failed)).UnixMilli()), Member: mailID})
	}
	if im.kept != none {
		pipe.Set(s.t.Context(), keptKey, "payload", max(hours(im.kept), 0))
	}
	if _, err := pipe.Exec(s.t.Context()); err != nil {
		return fmt.Errorf("put an image into Redis: %w", err)
	}
	return nil
}

// get reads the image that Redis holds.
func (s *stage) get() (image, error) {
	pipe := s.rdb.Pipeline()
	clock, keys := pipe.Time(s.t.Context()), pipe.DBSize(s.t.Context())
	fields, life, kept := pipe.HGetAll(s.t.Context(), recordKey), pipe.PTTL(s.t.Context(), recordKey), pipe.PTTL(s.t.Context(), keptKey)
	open, failed := pipe.ZScore(s.t.Context(), openKey, mailID), pipe.ZScore(s.t.Context(), failedKey, mailID)
	if _, err := pipe.Exec(s.t.Context()); err != nil && !errors.Is(err, redis.Nil) {
		return image{}, fmt.Errorf("read an image from Redis: %w", err)
	}
	now := clock.Val()
	im := newImage(fields.Val(), now)
	im.life, im.kept, im.open = inHours(life.Val()), inHours(kept.Val()), open.Err() == nil
	if failed.Err() == nil {
		im.failed = inHours(time.UnixMilli(int64(failed.Val())).Sub(now))
	}
	if want := im.keys(); keys.Val() != want {
		return image{}, fmt.Errorf("Redis holds %d keys where %d are known of: %v", keys.Val(), want, im)
	}
	return im, nil
}

// keys is how many an image has in Redis.
func (im image) keys() (n int64) {
	for _, there := range []bool{len(im.fields) > 0, im.open, im.failed != none, im.kept != none} {
		if there {
			n++
		}
	}
	return n
}

func hours(n int64) time.Duration { return time.Duration(n) * time.Hour }

// inHours rounds; none and forever stay what they are.
func inHours(d time.Duration) int64 {
	if d < 0 {
		return int64(d)
	}
	return int64((d + 30*time.Minute) / time.Hour)
}
