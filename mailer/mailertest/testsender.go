package mailertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
)

// OpenFunc makes a Sender for one test, and a function that says how many mails
// its backend has taken. What has to end with the test is for t.Cleanup.
type OpenFunc func(t *testing.T) (sender mailer.Sender, taken func() int)

// TestSender holds a mailer.Sender to what Postroom asks of one: ours, and your
// own. It takes small mails and large ones, also side by side; names each in its
// receipt; leaves the message as it was; and, told to stop before it began,
// takes nothing and says so by an *mailer.Error of class Unreachable.
//
//	func TestMySender(t *testing.T) {
//		mailertest.TestSender(t, func(t *testing.T) (mailer.Sender, func() int) {
//			backend := startBackend(t)
//			return NewMySender(backend.URL), backend.Count
//		})
//	}
func TestSender(t *testing.T, open OpenFunc) { //nolint:tparallel // Whether the test that calls it is parallel is that test's own.
	t.Helper()
	for _, c := range senderChecks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sender, taken := open(t)
			if err := c.check(t.Context(), sender, taken); err != nil {
				t.Error(err)
			}
		})
	}
}

// senderChecks say what is wrong with a Sender, each by one error.
var senderChecks = []struct {
	name  string
	check func(ctx context.Context, s mailer.Sender, taken func() int) error
}{
	{"names each mail", checkNames},
	{"takes large mails", checkLarge},
	{"takes mails side by side", checkSideBySide},
	{"leaves the message as it was", checkUnchanged},
	{"takes nothing once stopped", checkStopped},
}

func checkNames(ctx context.Context, s mailer.Sender, taken func() int) error {
	seen := map[string]bool{}
	for i := range 3 {
		sent, err := sendOne(ctx, s, i, 0)
		if err != nil {
			return err
		}
		if sent.ID == "" || seen[sent.ID] {
			return fmt.Errorf("mail %d is sent as %q, after %d others, want an ID of its own", i, sent.ID, len(seen))
		}
		seen[sent.ID] = true
	}
	return checkTaken(taken, len(seen))
}

// checkLarge sends what goes to Gmail in one way, and in the other.
func checkLarge(ctx context.Context, s mailer.Sender, taken func() int) error {
	for i, size := range []int{1 << 20, 5 << 20} {
		if _, err := sendOne(ctx, s, i, size); err != nil {
			return err
		}
	}
	return checkTaken(taken, 2)
}

func checkSideBySide(ctx context.Context, s mailer.Sender, taken func() int) error {
	const n = 20
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, errs[i] = sendOne(ctx, s, i, 0) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return checkTaken(taken, n)
}

func checkUnchanged(ctx context.Context, s mailer.Sender, _ func() int) error {
	m, err := sample(0, 0)
	if err != nil {
		return err
	}
	var before, after bytes.Buffer
	_, _ = m.WriteTo(&before) // A Buffer has no error.
	mailID, threadID := m.MailID, m.ThreadID
	for range 2 { // As a retry sends the same one.
		if _, err := s.Send(ctx, m); err != nil {
			return fmt.Errorf("send: %w", err)
		}
	}
	_, _ = m.WriteTo(&after)
	if !bytes.Equal(before.Bytes(), after.Bytes()) || m.MailID != mailID || m.ThreadID != threadID {
		return errors.New("the message is another than before it was sent")
	}
	return nil
}

func checkStopped(ctx context.Context, s mailer.Sender, taken func() int) error {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	late, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
	defer cancel()
	for _, stopped := range []context.Context{cancelled, late} {
		sent, err := sendOne(stopped, s, 0, 0)
		e, ok := errors.AsType[*mailer.Error](err)
		if !ok || e.Class != mailer.Unreachable || !errors.Is(err, stopped.Err()) || sent != (mailer.Sent{}) {
			got := fmt.Sprint(err) // There may be none.
			return fmt.Errorf("stopped before it began (%w), it returned %+v, %s; want nothing sent and an *mailer.Error of class unreachable with that cause",
				stopped.Err(), sent, got)
		}
	}
	return checkTaken(taken, 0)
}

func checkTaken(taken func() int, want int) error {
	if got := taken(); got != want {
		return fmt.Errorf("%d mails were taken, want %d", got, want)
	}
	return nil
}

func sendOne(ctx context.Context, s mailer.Sender, number, size int) (mailer.Sent, error) {
	m, err := sample(number, size)
	if err != nil {
		return mailer.Sent{}, err
	}
	sent, err := s.Send(ctx, m)
	if err != nil {
		return sent, fmt.Errorf("send mail %d, of %d bytes: %w", number, m.Size(), err)
	}
	return sent, nil
}

// sample is a mail with an attachment of size bytes, if size is not 0.
func sample(number, size int) (*mailer.Message, error) {
	d := mailer.Draft{
		MailID:  sampleID(number),
		From:    mailer.Address{Address: DefaultAddress},
		To:      []mailer.Address{{Name: "Jörg", Address: sampleRecipient}},
		Content: mailer.Content{Subject: "Grüße", Text: "Hello\n", HTML: "<p>Hello</p>\n"},
		Date:    time.Date(2026, time.March, 7, 18, 0, 0, 0, time.UTC),
	}
	if size > 0 {
		d.Attachments = []mailer.Attachment{{Name: "Größe.bin", Content: bytes.Repeat([]byte{0xfe}, size)}}
	}
	m, err := mailer.Compose(d)
	if err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	return m, nil
}

const sampleRecipient = "joerg@example.org"

func sampleID(number int) string { return "sample-" + strconv.Itoa(number) }
