package main

import (
	"bufio"
	"bytes"
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

	lines := bufio.NewScanner(input)
	lines.Buffer(nil, tasks.MaxPayload+1)
	line, accepted, refused := 0, 0, 0
	for lines.Scan() {
		line++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		receipt, err := s.sendLine(ctx, client, lines.Bytes())
		if err != nil && exitStatus(err) != exitUsage {
			return fmt.Errorf("line %d: %w; %d before it were accepted: run it again with the lines from %d on",
				line, err, accepted, line)
		}
		if err != nil {
			refused++
			_, _ = fmt.Fprintf(to.err, "line %d: %v\n", line, err) // The exit status says it too.
			continue
		}
		accepted++
		if err := s.print(to, receipt); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("longer than %d bytes", tasks.MaxPayload)
		}
		return usageError{fmt.Errorf("line %d: %w; %d before it were accepted", line+1, err, accepted)}
	}
	return s.sumUp(to, accepted, refused)
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
			"--lane --at --in --expires-in --force --json go with it")}
	}
	return nil
}

func (s *sendCommand) sendLine(ctx context.Context, client *tasks.Client, line []byte) (tasks.Receipt, error) {
	email, err := tasks.ParseEmail(line)
	if err != nil {
		return tasks.Receipt{}, err
	}
	return client.Enqueue(ctx, email, s.options()...)
}

func (s *sendCommand) sumUp(to console, accepted, refused int) error {
	if refused > 0 {
		return usageError{fmt.Errorf("%d accepted, %d refused", accepted, refused)}
	}
	if accepted == 0 {
		return usageError{errors.New("--email: no payload there")}
	}
	if !s.JSON {
		_, _ = fmt.Fprintf(to.err, "%d accepted\n", accepted) // Only a remark.
	}
	return nil
}
