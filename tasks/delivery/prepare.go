package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/ledger"
)

// decode is step 1.
func (a *attempt) decode(ctx context.Context) (*verdict, error) {
	if a.task.Type() != tasks.TypeDeliver {
		return failed(errors.New("the task is not of the type " + tasks.TypeDeliver)), nil
	}
	email, err := tasks.DecodePayload(a.task.Payload())
	if errors.Is(err, tasks.ErrNewerVersion) {
		return a.notYetReadable(ctx, err)
	}
	if err != nil {
		return failed(fmt.Errorf("payload: %w", err)), nil
	}
	if email.ID != "" && email.ID != a.id {
		return failed(errors.New("payload: id: is not the task's ID")), nil
	}
	if _, account, _ := tasks.ParseQueue(a.queue); email.Account != "" &&
		!strings.EqualFold(email.Account, account) && !strings.EqualFold(email.Account, a.address) {
		return failed(errors.New("payload: account: is not the one whose queue it came in")), nil
	}
	if email.OnUnknown == "" {
		email.OnUnknown = tasks.Hold // Whoever wrote it did not allow a second copy.
	}
	a.email = email
	return nil, nil //nolint:nilnil // The way goes on.
}

// notYetReadable puts a mail back that is none of this worker's to judge: how
// often that was done already is all that it needs to know of it.
func (a *attempt) notYetReadable(ctx context.Context, why error) (*verdict, error) {
	if err := a.look(ctx); err != nil {
		return nil, err
	}
	if a.record.State.Settled() {
		return a.settledAs(a.record), nil
	}
	if a.record.State == "" {
		if v, err := a.forgotten(ctx); v != nil || err != nil {
			return v, err
		}
	}
	return a.deferred(why), nil
}

// checkExpiry is step 2.
func (a *attempt) checkExpiry(context.Context) (*verdict, error) {
	if a.expired() {
		return expired(), nil
	}
	return nil, nil //nolint:nilnil // The way goes on.
}

func expired() *verdict {
	return &verdict{state: ledger.Expired, err: errors.New("expired before it could be sent")}
}

func (a *attempt) expired() bool {
	return !a.email.ExpiresAt.IsZero() && !a.email.ExpiresAt.After(a.Now())
}

// render is step 4. A mail with literal bodies has nothing to render.
func (a *attempt) render(context.Context) (*verdict, error) {
	if a.email.Template == "" {
		a.content = mailer.Content{Subject: a.email.Subject, Text: a.email.Text, HTML: a.email.HTML}
		return nil, nil //nolint:nilnil // The way goes on.
	}
	data, _ := a.email.Data.(map[string]any)
	content, err := a.Renderer.Render(a.email.Template, a.email.Locale, data)
	if errors.Is(err, mailer.ErrNoTemplate) {
		return a.deferred(err), nil
	}
	if err != nil {
		return failed(err), nil
	}
	a.content = content
	return nil, nil //nolint:nilnil // The way goes on.
}

// compose is step 5.
func (a *attempt) compose(ctx context.Context) (*verdict, error) {
	draft, err := a.draft()
	if err != nil {
		return failed(err), nil
	}
	for i, file := range a.email.Attachments {
		var content []byte
		err := a.untilAnswered(ctx, "read an attachment", func(ctx context.Context) (err error) {
			content, err = a.Blobs.Get(ctx, file.Blob)
			if errors.Is(err, blobs.ErrMissing) || errors.Is(err, blobs.ErrCorrupt) {
				return &final{err}
			}
			return err
		})
		if gone, ok := errors.AsType[*final](err); ok {
			return failed(fmt.Errorf("attachments[%d]: %w", i, gone.error)), nil
		}
		if err != nil {
			return nil, err
		}
		draft.Attachments = append(draft.Attachments, mailer.Attachment{
			Name: file.Name, Type: file.Type, ContentID: file.CID, Content: content,
		})
	}
	if a.message, err = mailer.Compose(draft); err != nil {
		return failed(err), nil
	}
	return nil, nil //nolint:nilnil // The way goes on.
}

var errFrom = errors.New("from: is neither the account nor one of its aliases, and Gmail would put the account in its place: " +
	"add it in Gmail's settings (Send mail as), then here with --alias of worker auth")

// draft is the mail as far as its payload and content say.
func (a *attempt) draft() (mailer.Draft, error) {
	e, account := &a.email, a.account()
	d := mailer.Draft{MailID: a.id, Template: e.Template, From: account.From, Content: a.content, Date: a.Now()}
	if e.From != "" {
		from, err := tasks.ParseAddress(e.From)
		if err != nil {
			return d, fmt.Errorf("from: %w", err)
		}
		if !account.owns(from) {
			return d, errFrom
		}
		d.From = from
	}
	for _, list := range []struct {
		from tasks.Addresses
		to   *[]mail.Address
	}{{e.ReplyTo, &d.ReplyTo}, {e.To, &d.To}, {e.Cc, &d.Cc}, {e.Bcc, &d.Bcc}} {
		for _, s := range list.from {
			address, err := tasks.ParseAddress(s)
			if err != nil {
				return d, err
			}
			*list.to = append(*list.to, address)
		}
	}
	if a.RedirectAll.Address != "" {
		d.Redirect(a.RedirectAll)
	}
	names := make([]string, 0, len(e.Headers))
	for name := range e.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		d.Headers = append(d.Headers, mailer.Header{Name: name, Value: e.Headers[name]})
	}
	a.addLaneHeaders(&d)
	if e.Unsubscribe != nil {
		d.Unsubscribe = mailer.Unsubscribe{URL: e.Unsubscribe.URL, Mailto: e.Unsubscribe.Mailto}
	}
	if e.Thread != nil {
		d.Thread = mailer.Thread{ID: e.Thread.ID, InReplyTo: e.Thread.InReplyTo, References: e.Thread.References}
	}
	return d, nil
}
