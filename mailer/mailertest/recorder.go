package mailertest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/postroom/postroom/mailer"
)

// Recorder is a mailer.Sender that keeps the messages and sends none, and a
// mailer.Finder that finds them. The zero Recorder is ready, and safe for
// concurrent use.
type Recorder struct {
	mu       sync.Mutex
	messages []*mailer.Message
	errs     []error
	sends    int
	sought   []mailer.Sought
	look     FindFunc
}

// FindFunc answers a look-up as mailer.Finder says.
type FindFunc func(ctx context.Context, s mailer.Sought) (mailer.Found, error)

var (
	_ mailer.Sender = (*Recorder)(nil)
	_ mailer.Finder = (*Recorder)(nil)
)

// Fail lets the next sends fail with these errors, one each, in order; a nil
// lets one succeed. Errors that are already there come first.
func (r *Recorder) Fail(errs ...error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, errs...)
}

// Send keeps m and returns a receipt, or the error that is next. What failed is
// not kept. A context that has ended fails as it would at Gmail before a byte
// left.
func (r *Recorder) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sends++
	if err := ctx.Err(); err != nil {
		return mailer.Sent{}, &mailer.Error{Class: mailer.Unreachable, Text: err.Error(), Err: err}
	}
	if len(r.errs) > 0 {
		err := r.errs[0]
		r.errs = r.errs[1:]
		if err != nil {
			return mailer.Sent{}, err
		}
	}
	r.messages = append(r.messages, m)
	return r.receipt(len(r.messages) - 1), nil
}

// receipt is that of the message at an index of r.messages. It needs r.mu.
func (r *Recorder) receipt(at int) mailer.Sent {
	id := "recorded-" + strconv.Itoa(at+1)
	return mailer.Sent{ID: id, ThreadID: cmp.Or(r.messages[at].ThreadID, id)}
}

// Find finds the last message of that ID that was sent, whenever and to whomever,
// or answers as OnFind says. A context that has ended fails as for Send.
func (r *Recorder) Find(ctx context.Context, s mailer.Sought) (mailer.Found, error) {
	r.mu.Lock()
	r.sought = append(r.sought, s)
	look := r.look
	r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return mailer.Found{}, &mailer.Error{Class: mailer.Unreachable, Text: err.Error(), Err: err}
	}
	if err := s.Check(); err != nil {
		return mailer.Found{}, err
	}
	if look != nil {
		return look(ctx, s) // Outside the lock: it is the caller's own code.
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for at, m := range slices.Backward(r.messages) {
		if m.MailID == s.MailID {
			return mailer.Found{Verdict: mailer.Present, Sent: r.receipt(at)}, nil
		}
	}
	return mailer.Found{Verdict: mailer.Absent}, nil
}

// OnFind has look answer every Find from now on. Nil ends that.
func (r *Recorder) OnFind(look FindFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.look = look
}

// Sought returns what was looked for, in order.
func (r *Recorder) Sought() []mailer.Sought {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sought)
}

// Messages returns what was sent, in order.
func (r *Recorder) Messages() []*mailer.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}

// Sends returns how often Send was called, failures included.
func (r *Recorder) Sends() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sends
}
