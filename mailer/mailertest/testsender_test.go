package mailertest_test

import (
	"context"
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
)

func TestRecorderIsASender(t *testing.T) {
	t.Parallel()
	mailertest.TestSender(t, func(*testing.T) (mailer.Sender, func() int) {
		var r mailertest.Recorder
		return &r, func() int { return len(r.Messages()) }
	})
}

// wrong is a Recorder with one thing done otherwise.
type wrong struct {
	mailertest.Recorder

	send func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error)
}

func (w *wrong) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	return w.send(&w.Recorder, ctx, m)
}

// TestSenderSeesWrongs holds that TestSender finds what it looks for.
func TestSenderSeesWrongs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		send func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error)
		want string
	}{
		"nothing": {(*mailertest.Recorder).Send, ""},
		"no ID": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			_, err := r.Send(ctx, m)
			return mailer.Sent{}, err
		}, "names each mail"},
		"one ID for all": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			_, err := r.Send(ctx, m)
			if err != nil {
				return mailer.Sent{}, err
			}
			return mailer.Sent{ID: "1"}, nil
		}, "names each mail"},
		"no large mail": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			if m.Size() > 4<<20 {
				return mailer.Sent{}, &mailer.Error{Class: mailer.Permanent}
			}
			return r.Send(ctx, m)
		}, "takes large mails"},
		"a mail forgotten": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			if m.MailID == "sample-13" {
				return mailer.Sent{ID: "13"}, nil
			}
			return r.Send(ctx, m)
		}, "takes mails side by side"},
		"another message": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			sent, err := r.Send(ctx, m)
			m.ThreadID = sent.ThreadID
			return sent, err
		}, "leaves the message as it was"},
		"deaf to its context": {func(r *mailertest.Recorder, _ context.Context, m *mailer.Message) (mailer.Sent, error) {
			return r.Send(context.Background(), m)
		}, "takes nothing once stopped"},
		"an error of its own": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			if err := ctx.Err(); err != nil {
				return mailer.Sent{}, err
			}
			return r.Send(ctx, m)
		}, "takes nothing once stopped"},
		"an error without its cause": {func(r *mailertest.Recorder, ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
			if ctx.Err() != nil {
				return mailer.Sent{}, &mailer.Error{Class: mailer.Unreachable}
			}
			return r.Send(ctx, m)
		}, "takes nothing once stopped"},
	} {
		got := mailertest.FailedChecks(t.Context(), func() (mailer.Sender, func() int) {
			w := &wrong{send: c.send}
			return w, func() int { return len(w.Messages()) }
		})
		if got != c.want {
			t.Errorf("%s: failed %q, want %q", name, got, c.want)
		}
	}
}
