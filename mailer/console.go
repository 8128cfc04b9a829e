package mailer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
)

// Console is a Sender that prints each mail for people and sends nothing: the
// backend "console". It needs no network and no account.
type Console struct {
	mu sync.Mutex
	w  io.Writer
}

var _ Sender = (*Console)(nil)

// NewConsole returns a Console that prints to w, a message a Write.
func NewConsole(w io.Writer) *Console { return &Console{w: w} }

// Send prints the headers that matter, the text body, and the attachments by
// name, type and size. Control characters are shown as a mark, so that no mail
// moves the cursor or sets the title of the terminal that it is shown on.
//
// Sent.ID is "console-" and the start of IDHash, the same each time for the
// same mail. A context that is done gives Unreachable, a writer that fails
// Temporary.
func (c *Console) Send(ctx context.Context, m *Message) (Sent, error) {
	if err := ctx.Err(); err != nil {
		return Sent{}, stopped(err)
	}
	l, err := m.Open()
	if err != nil {
		return Sent{}, &Error{Class: Permanent, Text: "read the message in order to print it", Err: err}
	}
	id := "console-" + IDHash(m.MailID)[:12]
	var out bytes.Buffer
	l.print(&out, m, id)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.w.Write(out.Bytes()); err != nil {
		return Sent{}, &Error{Class: Temporary, Text: fmt.Sprintf("print the message: %v", err), Err: err}
	}
	return Sent{ID: id}, nil
}

// stopped is the answer of a local backend that was told to stop before it did
// anything.
func stopped(cause error) *Error {
	return &Error{Class: Unreachable, Text: "stopped before the message was written", Err: cause}
}
