package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/ledger"
)

// Content is what a template gives: mailer.Content is one.
type Content interface {
	// Bodies are the subject and the two forms of the body, of which one may be
	// empty.
	Bodies() (subject, text, html string)
	// EachImage calls do for each image that the HTML shows by its cid.
	EachImage(do func(name, mediaType, cid string, content []byte))
	// Leaving is how a reader unsubscribes; both may be empty.
	Leaving() (url, mailto string)
}

// Freeze renders a mail's template when it is enqueued, so that one that is sent
// later is what it is now, whatever a deploy has changed by then. Without it
// workers render a mail when they send it. A mail without a template stays as it is.
//
// The templates are the app's, and no worker need have them:
//
//	set, err := templates.LoadDir("templates")
//	…
//	client.Enqueue(ctx, email, tasks.Freeze(set.Render))
//
// What render refuses is an *InvalidError of "data" or "template". The payload has
// the bodies in place of template, locale and data, within MaxPayload; the
// template's images are attachments; and its way to unsubscribe is the mail's
// where that has none. The mail is the same as another as long as what is asked for
// is: enqueued again under its ID it is a duplicate, frozen or not, and the first
// rendering holds.
func Freeze[C Content](render func(template, locale string, data map[string]any) (C, error)) Option {
	return func(s *settings) {
		s.render = func(template, locale string, data map[string]any) (Content, error) {
			return render(template, locale, data)
		}
	}
}

// renderFunc is what Freeze was given.
type renderFunc func(template, locale string, data map[string]any) (Content, error)

// freeze puts what the template gives into its place, and its images behind the
// files.
func (e *Email) freeze(render renderFunc, files attachments) (attachments, error) {
	asked, err := e.encode()
	if err != nil {
		return nil, err
	}
	if wrong := wrongNames(asked, payloadNames); wrong != nil {
		return nil, wrong.err() // No worker would have taken it unfrozen.
	}
	data, _ := e.Data.(map[string]any)
	content, err := render(e.Template, e.Locale, data)
	if err != nil {
		return nil, e.unrendered(err)
	}
	e.Template, e.Locale, e.Data = "", "", nil
	e.Subject, e.Text, e.HTML = content.Bodies()
	if url, mailto := content.Leaving(); e.Unsubscribe == nil && url+mailto != "" {
		e.Unsubscribe = (&Unsubscribe{URL: url, Mailto: mailto}).inASCII()
	}
	e.Attachments, files = slices.Clip(e.Attachments), slices.Clip(files)
	content.EachImage(func(name, mediaType, cid string, content []byte) {
		e.Attachments = append(e.Attachments, Attachment{Name: name, Type: mediaType, CID: cid})
		files = append(files, content)
	})
	var p problems
	e.checkContent(&p)
	e.checkAttachments(&p)
	e.checkUnsubscribe(&p)
	return files, p.err()
}

// frozenBefore is for a mail whose template does not render, or not any more: where
// the same mail was frozen and accepted before, this one is its duplicate.
func (c *Client) frozenBefore(ctx context.Context, asked Email, s settings, files attachments, why error) (Receipt, error) {
	if s.id == "" {
		return Receipt{}, why
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	asked.Attachments = slices.Clone(asked.Attachments)
	for i, content := range files {
		if content != nil {
			asked.Attachments[i].Blob = blobs.Sum(content)
		}
	}
	hash, err := PayloadHash(asked)
	if err != nil {
		return Receipt{}, why
	}
	rec, err := c.ledger.Look(ctx, s.id)
	if err != nil || rec.Hash != hash {
		return Receipt{}, why
	}
	if rec.State == ledger.Queued { // Its Enqueue may have broken off, and none finishes it but one that renders.
		if _, err := c.task(ctx, rec.Queue, s.id); err != nil {
			return Receipt{}, why
		}
	}
	return c.duplicate(s.id, rec), nil
}

// faulty is an error about data that is not what its template declares.
type faulty interface {
	error
	// DataFaults are where, "items[2].price" or empty for all of it, and what.
	DataFaults() iter.Seq2[string, string]
}

// unrendered says what is wrong as Enqueue would have without rendering, as far as
// render tells.
func (e *Email) unrendered(err error) error {
	var p problems
	if wrong, ok := errors.AsType[faulty](err); ok {
		for path, reason := range wrong.DataFaults() {
			p.addf(strings.TrimSuffix("data."+path, "."), "%s", reason)
		}
		return p.err()
	}
	p.addf("template", "%s", strings.TrimPrefix(err.Error(), fmt.Sprintf("template %q: ", e.Template)))
	return p.err()
}
