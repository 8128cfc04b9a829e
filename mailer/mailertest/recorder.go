package mailertest

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"github.com/postroom/postroom/mailer"
)

// Recorder is a mailer.Sender that keeps the messages and sends none. The zero
// Recorder is ready, and safe for concurrent use.
type Recorder struct {
	mu       sync.Mutex
	messages []*mailer.Message
	errs     []error
	sends    int
}

var _ mailer.Sender = (*Recorder)(nil)

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
	id := "recorded-" + strconv.Itoa(len(r.messages))
	thread := m.ThreadID
	if thread == "" {
		thread = id
	}
	return mailer.Sent{ID: id, ThreadID: thread}, nil
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
