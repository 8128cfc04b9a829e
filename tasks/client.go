package tasks

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/schema"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

const (
	// patience is how long Enqueue waits for Redis, so that its caller has an
	// answer within five seconds.
	patience = 4 * time.Second
	// patiencePerMiB comes on top for attachments that have to be stored.
	patiencePerMiB = time.Second
	// handlerLimit ends a handler that hangs. Delivery's own deadlines are far
	// shorter: when this one strikes, asynq redelivers beside the old handler.
	handlerLimit = 30 * time.Minute
	// maxRetry keeps asynq from ever counting a mail out: attempts are counted
	// in the ledger. It is an int32 on the wire.
	maxRetry = math.MaxInt32
)

// Client hands mail to the queue, and tells what became of it. It is safe for
// concurrent use; an app needs one.
type Client struct {
	rdb       redis.UniversalClient
	oneServer bool // What is sent in order is done in order.
	queue     *asynq.Client
	names     *queueNames
	ledger    *ledger.Ledger
	blobs     *blobs.Store
	directory *directory.Cache
	schemas   *schemas
	defaults  []Option
	now       func() time.Time
}

// NewClient returns a client on rdb, which stays the caller's to close. The
// options hold for every mail that says nothing else.
func NewClient(rdb redis.UniversalClient, defaults ...Option) *Client {
	_, oneServer := rdb.(*redis.Client)
	return &Client{
		rdb:       rdb,
		oneServer: oneServer,
		queue:     asynq.NewClientFromRedisClient(together{rdb}),
		names:     newQueueNames(rdb),
		ledger:    ledger.New(rdb, ledger.Lifetimes{}),
		blobs:     blobs.New(rdb),
		directory: directory.NewCache(directory.New(rdb)),
		schemas:   &schemas{compiled: map[string]*schema.Schema{}},
		defaults:  defaults,
		now:       time.Now,
	}
}

// Receipt says that a mail was accepted.
type Receipt struct {
	// ID of the mail: Status and Cancel ask for it.
	ID string `json:"id"`
	// Queue is the asynq queue that it waits in.
	Queue string `json:"queue"`
	// Duplicate is set where the same mail was accepted under this ID before.
	// Nothing was queued by this call then, and Queue, ProcessAt and State are
	// those of the mail that stands.
	Duplicate bool `json:"duplicate"`
	// ProcessAt is when it is due, UTC. Of a duplicate, when it is due or tried
	// again; zero where no time is set, because it was due at once or is
	// settled.
	ProcessAt time.Time `json:"process_at,omitzero"`
	// State is how a duplicate stands, in the words of Status; else empty. One
	// that is cancelled, failed or expired will not go: it takes another ID.
	State State `json:"state,omitempty"`
	// Warnings say what its readers, or Gmail, may not like of a mail that was
	// accepted now: `field: why`, without an address of the mail's or content.
	Warnings []string `json:"warnings,omitempty"`
}

// Enqueue accepts a mail, or says why not:
//
//   - an *InvalidError for a mail that is wrong;
//   - ErrIDTaken for an ID under which another mail was accepted;
//   - ErrLoginRefused where Redis does not let this client in, or not do this;
//   - ErrUnavailable where Redis did not answer in time, or by ctx's deadline;
//   - ErrNotReplicated, with the receipt, where WaitReplicas asks for more than
//     have the mail;
//   - context.Canceled where the caller cancelled ctx before Redis answered;
//   - any other answer of Redis's, such as that it is out of memory.
//
// Only after it returned without an error is the mail accepted. After
// ErrUnavailable and context.Canceled that is not known, and the same call
// under the same ID finds out. It answers within five seconds (and one more for
// each MiB of attachments), Redis away or not.
func (c *Client) Enqueue(ctx context.Context, e Email, opts ...Option) (Receipt, error) {
	s := c.settings(&e, opts)
	var p problems
	files := readAttachments(&e, &p)
	due, err := c.normalise(&e, s, &p)
	if err != nil {
		return Receipt{}, err
	}
	asked := e
	if s.render != nil && e.Template != "" {
		frozen, err := e.freeze(s.render, files)
		if err != nil {
			return c.frozenBefore(ctx, asked, s, files, err)
		}
		files = frozen
	}
	ctx, cancel := context.WithTimeout(ctx, patience+files.uploadTime())
	defer cancel()
	receipt, err := c.accept(ctx, e, asked, s, files, due)
	switch {
	case err == nil:
		return receipt, nil
	case errors.Is(err, ErrNotReplicated):
		return receipt, err
	}
	return Receipt{}, unavailable(ctx, err)
}

// settings are the client's defaults, the payload's own wishes, then the
// call's options.
func (c *Client) settings(e *Email, opts []Option) settings {
	s := settings{lane: Default}
	for _, o := range c.defaults {
		o(&s)
	}
	if e.ID != "" {
		s.id = e.ID
	}
	if !e.ExpiresAt.IsZero() {
		s.expiresAt, s.expiresIn = e.ExpiresAt, 0
	}
	for _, o := range opts {
		o(&s)
	}
	return s
}

// accept takes a mail that is right in itself; asked is what it was before it was
// frozen. Nothing is stored before all that can be known of it is.
func (c *Client) accept(ctx context.Context, e, asked Email, s settings, files attachments, due time.Time) (Receipt, error) {
	account, dir, err := c.lookUp(ctx, &e, s.force)
	if err != nil {
		return Receipt{}, err
	}
	if err := c.checkSize(ctx, &e, files); err != nil {
		return Receipt{}, err
	}
	payload, err := e.payload(files)
	if err != nil {
		return Receipt{}, err
	}
	if len(files) > 0 {
		if err := c.store(ctx, &e, files, due); err != nil {
			return Receipt{}, err
		}
		if payload, err = e.encode(); err != nil {
			return Receipt{}, err
		}
	}
	o := order{email: &e, payload: payload, frozen: asked.Template != e.Template, queue: QueueName(s.lane, account), due: due}
	if s.id != "" {
		o.call = rand.Text()
	}
	asked.Attachments = e.Attachments[:len(asked.Attachments)] // Their contents have names now.
	if o.hash, err = PayloadHash(asked); err != nil {
		return Receipt{}, err
	}
	receipt, err := c.enqueue(ctx, o)
	if err != nil {
		return Receipt{}, err
	}
	if !receipt.Duplicate {
		receipt.Warnings = e.warnings(s.lane, dir)
	}
	return receipt, c.awaitReplicas(ctx, s.replicas, receipt, &e)
}

// payload is what a worker gets, but for the names of contents that are not stored
// yet. It is no more than one takes.
func (e *Email) payload(files attachments) ([]byte, error) {
	payload, err := e.encode()
	if err != nil {
		return nil, err
	}
	if wrong := wrongNames(payload, payloadNames); wrong != nil {
		return nil, wrong.err() // JSON within a map of data, which no worker would take.
	}
	if n := len(payload) + files.names(); n > MaxPayload {
		return nil, invalid("payload", "%d bytes; at most %d are taken: attach what is long", n, MaxPayload)
	}
	return payload, nil
}

// normalise checks what the mail says of itself, and fills what Enqueue sets.
// It returns when the mail is due.
func (c *Client) normalise(e *Email, s settings, p *problems) (due time.Time, err error) {
	if e.Version != 0 && e.Version != PayloadVersion {
		p.addf("v", "must be %d, or left out", PayloadVersion)
	}
	e.Version, e.ID = PayloadVersion, s.id
	if e.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return time.Time{}, fmt.Errorf("make an ID: %w", err)
		}
		e.ID = id.String()
	}
	if e.OnUnknown == "" {
		e.OnUnknown = Resend
		if s.lane == Bulk {
			e.OnUnknown = Hold
		}
	}
	if err := s.lane.UnmarshalText([]byte(s.lane)); err != nil {
		p.addf("lane", "must be critical, default or bulk")
	}
	e.Data = object(e.Data, p)
	e.Unsubscribe = e.Unsubscribe.inASCII()
	due = c.schedule(e, s, p)
	e.check(p)
	return due, p.err()
}

// schedule sets the mail's times, UTC.
func (c *Client) schedule(e *Email, s settings, p *problems) (due time.Time) {
	now := c.now().UTC()
	e.EnqueuedAt = now.Truncate(time.Millisecond)
	if s.in < 0 {
		p.addf("in", "must not be negative")
	}
	if s.in > 0 {
		due = wholeSecond(now.Add(s.in))
	} else if s.at.After(now) {
		due = wholeSecond(s.at.UTC())
	}
	if due.Year() > maxYear {
		p.addf("at", "must be before the year %d", maxYear+1)
	}
	e.ExpiresAt = s.expiresAt.UTC().Truncate(time.Millisecond)
	if s.expiresIn != 0 {
		e.ExpiresAt = laterOf(now, due).Add(s.expiresIn).Truncate(time.Millisecond)
	}
	switch {
	case e.ExpiresAt.IsZero():
	case s.expiresIn < 0 || !e.ExpiresAt.After(now):
		p.addf("expires_at", "must be in the future")
	case !e.ExpiresAt.After(due):
		p.addf("expires_at", "must be after the time that the mail is due")
	case e.ExpiresAt.Year() > maxYear:
		p.addf("expires_at", "must be before the year %d", maxYear+1)
	}
	return due
}

// maxYear is the last that RFC 3339 can write.
const maxYear = 9999

// wholeSecond rounds up: asynq keeps whole seconds, and cuts off what is more,
// but no mail may leave before its time.
func wholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}

// order is a mail that is ready for the queue.
type order struct {
	email   *Email
	payload []byte
	hash    string // Of what was asked for.
	frozen  bool
	queue   string
	due     time.Time
	// call tells this Enqueue from others under the same ID; empty where the
	// ID is this call's own.
	call string
}

// enqueue reserves the ID and hands the task to asynq. A reservation whose
// task never came was never accepted: the same call finishes it.
func (c *Client) enqueue(ctx context.Context, o order) (Receipt, error) {
	id := o.email.ID
	r := ledger.Reservation{Queue: o.queue, Hash: o.hash, ProcessAt: o.due}
	if o.call == "" && c.oneServer {
		return c.enqueueTogether(ctx, o, r)
	}
	rec, fresh, err := c.ledger.Reserve(ctx, id, r)
	if errors.Is(err, ledger.ErrTaken) {
		return Receipt{}, fmt.Errorf("id: %w; give this one an ID of its own", ErrIDTaken)
	}
	if err != nil {
		return Receipt{}, err
	}
	if rec.State != ledger.Queued {
		return c.duplicate(id, rec), nil
	}
	err = c.handOver(ctx, o, rec.Queue, &handing{})
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		if c.isAnothers(ctx, o, rec.Queue, fresh) {
			return c.duplicate(id, rec), nil
		}
		err = nil
	}
	return o.receipt(rec.Queue), err
}

func (o *order) receipt(queue string) Receipt {
	return Receipt{ID: o.email.ID, Queue: queue, ProcessAt: laterOf(o.email.EnqueuedAt, o.due)}
}

// duplicate is the receipt of a mail that stands already.
func (c *Client) duplicate(id string, rec ledger.Record) Receipt {
	r := Receipt{ID: id, Queue: rec.Queue, Duplicate: true, ProcessAt: rec.NextAt, State: State(rec.State)}
	if rec.State == ledger.Queued && rec.NextAt.After(c.now()) {
		r.State = StateScheduled
	}
	return r
}

// A task's headers, where it has any.
const (
	// callHeader says which call made it.
	callHeader = "call"
	// askedHeader of a frozen mail is the hash of what was asked for.
	askedHeader = "asked"
)

func (o *order) task() *asynq.Task {
	headers := map[string]string{}
	if o.call != "" {
		headers[callHeader] = o.call
	}
	if o.frozen {
		headers[askedHeader] = o.hash
	}
	if len(headers) == 0 {
		return asynq.NewTask(TypeDeliver, o.payload)
	}
	return asynq.NewTaskWithHeaders(TypeDeliver, o.payload, headers)
}

// isAnothers reports whether the task that is there already is another call's.
// It may be this one's: a client repeats what it got no answer to. Where the
// task has gone meanwhile, the reservation's owner made it.
func (c *Client) isAnothers(ctx context.Context, o order, queue string, fresh bool) bool {
	if o.call == "" {
		return false
	}
	info, err := c.task(ctx, queue, o.email.ID)
	if err != nil {
		return !fresh
	}
	return info.Headers[callHeader] != o.call
}

func taskOptions(id, queue string, due time.Time) []asynq.Option {
	opts := []asynq.Option{
		asynq.TaskID(id), asynq.Queue(queue), asynq.MaxRetry(maxRetry), asynq.Timeout(handlerLimit),
	}
	if !due.IsZero() {
		opts = append(opts, asynq.ProcessAt(due))
	}
	return opts
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
