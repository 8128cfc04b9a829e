package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/postroom/postroom/tasks"
)

// sendMany hands over a payload a line. A line that is wrong is named and
// passed over; a Redis that does not answer ends the call.
func (s *sendCommand) sendMany(ctx context.Context, to console) error {
	if err := s.onlyMany(); err != nil {
		return err
	}
	input, err := openInput(s.Email, to.in)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }() // It was only read.
	client, closer, err := s.open()
	if err != nil {
		return err
	}
	defer func() { _ = closer.Close() }() // The process ends here.

	lines := lineReader{in: bufio.NewReader(input), most: tasks.MaxPayload}
	refused := refusals{out: to.err}
	accepted := 0
	for lines.scan() {
		receipt, err := s.sendLine(ctx, client, &lines)
		switch {
		case err == nil:
			refused.tell()
			accepted++
			if err := s.print(to, receipt); err != nil {
				return err
			}
		case errors.Is(err, tasks.ErrNotReplicated):
			refused.tell()
			if err := s.print(to, receipt); err != nil {
				return err
			}
			return fmt.Errorf("line %d: %w; %d before it were accepted too: run it again with the lines from %d on",
				lines.number, err, accepted, lines.number+1)
		case exitStatus(err) == exitUsage:
			refused.add(lines.number, err, lines.isPart())
		default:
			refused.tell()
			return fmt.Errorf("line %d: %w; %d before it were accepted: run it again with the lines from %d on",
				lines.number, s.where(err), accepted, lines.number)
		}
	}
	if lines.err != nil {
		refused.tell()
		return usageError{fmt.Errorf("line %d: %w; %d before it were accepted", lines.number, lines.err, accepted)}
	}
	refused.tell()
	return s.sumUp(to, accepted, &refused)
}

// onlyMany refuses flags that a payload says itself.
func (s *sendCommand) onlyMany() error {
	mail, err := s.email()
	if err != nil {
		return err
	}
	if s.ID != "" || s.Account != "" || s.From != "" || mail.Subject+mail.Text+mail.HTML+mail.Template+mail.Locale != "" ||
		mail.OnUnknown != "" || mail.Data != nil || mail.Headers != nil || mail.Unsubscribe != nil || mail.Thread != nil ||
		len(mail.To)+len(mail.Cc)+len(mail.Bcc)+len(mail.ReplyTo)+len(mail.Attachments) > 0 {
		return usageError{errors.New("--email: the payloads say what is in the mail; only " +
			"--lane --at --in --expires-in --freeze --templates --force --wait-replicas --json go with it")}
	}
	return nil
}

func (s *sendCommand) sendLine(ctx context.Context, client *tasks.Client, line *lineReader) (tasks.Receipt, error) {
	if line.long {
		return tasks.Receipt{}, usageError{fmt.Errorf("longer than %d bytes: attach what is long", line.most)}
	}
	email, err := tasks.ParseEmail(line.text)
	if err != nil {
		return tasks.Receipt{}, err
	}
	return client.Enqueue(ctx, email, s.options()...)
}

func (s *sendCommand) sumUp(to console, accepted int, refused *refusals) error {
	switch {
	case refused.count > 0 && refused.force:
		return usageError{fmt.Errorf("%d accepted, %d refused; %s", accepted, refused.count, forceHint)}
	case refused.count > 0:
		return usageError{fmt.Errorf("%d accepted, %d refused", accepted, refused.count)}
	case accepted == 0:
		return usageError{errors.New("--email: no payload there")}
	}
	if !s.JSON {
		_, _ = fmt.Fprintf(to.err, "%d accepted\n", accepted) // Only a remark.
	}
	return nil
}
