package pages

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/postroom/postroom/mailer"
)

// How much a Mailbox keeps: so many mails, and so many bytes of them. The oldest
// go first.
const (
	MaxMails = 1000
	MaxBytes = 64_000_000
)

// maxSearched is how many bytes of a mail's text are searched.
const maxSearched = 64 << 10

// Mailbox remembers the mails that senders have sent, in memory. It is safe for
// concurrent use.
type Mailbox struct {
	// Now is the time, for tests; nil: time.Now.
	Now func() time.Time

	mu    sync.RWMutex
	mails []Mail // Newest last.
	bytes int64
	count int // Of all that were ever sent.
}

// Mail is a mail that was sent.
type Mail struct {
	// Number counts the mails of this run, from 1.
	Number int
	At     time.Time
	// Message is what went out.
	Message *mailer.Message
	// Subject, From and To are decoded; To has all recipients.
	Subject, From, To string
	// Files is how many attachments it has, inline images left out.
	Files int

	searched string // In lower case.
}

func (m *Mail) size() int64 { return m.Message.Size() + int64(len(m.searched)) }

// Through is a sender that sends through next, and has the mailbox remember what
// got through.
func (b *Mailbox) Through(next mailer.Sender) mailer.Sender { return remembering{b, next} }

type remembering struct {
	box  *Mailbox
	next mailer.Sender
}

var _ mailer.Sender = remembering{}

// Send sends and remembers.
func (r remembering) Send(ctx context.Context, m *mailer.Message) (mailer.Sent, error) {
	sent, err := r.next.Send(ctx, m)
	if err == nil {
		r.box.add(m)
	}
	return sent, err
}

func (b *Mailbox) add(m *mailer.Message) {
	mail := Mail{Message: m}
	if l, err := m.Open(); err == nil { // Else its envelope stays empty.
		mail.describe(l)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	mail.Number, mail.At = b.count, time.Now()
	if b.Now != nil {
		mail.At = b.Now()
	}
	b.mails = append(b.mails, mail)
	b.bytes += mail.size()
	drop := 0
	for len(b.mails)-drop > MaxMails || b.bytes > MaxBytes && len(b.mails)-drop > 1 {
		b.bytes -= b.mails[drop].size()
		drop++
	}
	b.mails = slices.Delete(b.mails, 0, drop)
}

func (m *Mail) describe(l *mailer.Letter) {
	m.Subject, m.From = l.Field("Subject"), l.Field("From")
	var to []string
	for _, name := range []string{"To", "Cc", "Bcc", "X-Postroom-To", "X-Postroom-Cc", "X-Postroom-Bcc"} {
		if value := l.Field(name); value != "" {
			to = append(to, value)
		}
	}
	m.To = strings.Join(to, ", ")
	for _, f := range l.Files {
		if f.ContentID == "" {
			m.Files++
		}
	}
	text := l.Text[:min(len(l.Text), maxSearched)]
	m.searched = strings.ToLower(strings.Join([]string{m.Subject, m.From, m.To, m.Message.Template, m.Message.MailID, text}, "\n"))
}

// Search finds the mails in which all words of the query stand, in capitals or not:
// in subject, sender, recipients, template, ID or text. It returns some of them,
// the newest first, and how many there are.
func (b *Mailbox) Search(query string, skip, most int) (found []Mail, total int) {
	words := strings.Fields(strings.ToLower(query))
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, mail := range slices.Backward(b.mails) {
		if slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(mail.searched, word) }) {
			continue
		}
		if total >= skip && len(found) < most {
			found = append(found, mail)
		}
		total++
	}
	return found, total
}

// Get returns a mail, and false where it is not there, or not any more.
func (b *Mailbox) Get(number int) (Mail, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	i, ok := slices.BinarySearchFunc(b.mails, number, func(m Mail, number int) int { return m.Number - number })
	if !ok {
		return Mail{}, false
	}
	return b.mails[i], true
}

// Count is how many mails were sent in all.
func (b *Mailbox) Count() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.count
}
