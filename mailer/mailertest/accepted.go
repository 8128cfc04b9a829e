package mailertest

import (
	"mime"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postroom/postroom/mailer"
)

// AcceptedMail is a mail that the fake took, as its recipients would get it.
type AcceptedMail struct {
	// Account is the address of the account that sent it.
	Account string
	// ID and ThreadID are Gmail's: hexadecimal.
	ID, ThreadID string
	// MessageID is the Message-ID that the mail went out with. Gmail puts its
	// own in place of the sender's.
	MessageID string
	// PostroomID is the X-Postroom-ID header: mailer.IDHash of the mail's ID.
	PostroomID string
	// From is the author that recipients see: the account, where the message
	// named one that is neither the account nor an alias.
	From string
	// Recipients are the addresses in To, Cc and Bcc.
	Recipients []string
	// Header is the message's header as it went out: with that From and
	// MessageID, and without Bcc. Values are not decoded.
	Header mail.Header
	// Raw is the message as it was handed in, byte for byte.
	Raw []byte
	// Form is how it was handed in.
	Form Form
	// At is when.
	At time.Time
}

// Subject is the Subject header, decoded. What can't be decoded is returned as
// it stands.
func (m AcceptedMail) Subject() string {
	raw := m.Header.Get("Subject")
	decoded, err := new(mime.WordDecoder).DecodeHeader(raw)
	if err != nil {
		return raw
	}
	return decoded
}

// acceptedLog is what the fake took.
type acceptedLog struct {
	mu     sync.Mutex
	mails  []AcceptedMail
	byID   map[string][]int
	copies map[string]int
}

// add writes a mail down. Only the appending is done under the lock.
func (l *acceptedLog) add(countOnly bool, postroomID string, entry func() AcceptedMail) {
	var m AcceptedMail
	if !countOnly {
		m = entry()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.copies[postroomID]++
	if !countOnly {
		l.byID[postroomID] = append(l.byID[postroomID], len(l.mails))
		l.mails = append(l.mails, m)
	}
}

// entry is the record of a mail, with what Gmail changes in it.
func (f *Fake) entry(a *account, sub *submission, m *letter) AcceptedMail {
	header := mail.Header(m.header)
	if header == nil {
		header = mail.Header{}
	}
	from := a.Address
	if given, err := mail.ParseAddress(header.Get("From")); err == nil && a.sendsAs(given.Address) {
		from = given.Address
	} else {
		header["From"] = []string{from}
	}
	messageID := "<CAPostroom" + sub.id + "@mail.gmail.com>"
	header[textproto.CanonicalMIMEHeaderKey("Message-ID")] = []string{messageID}
	delete(header, "Bcc")
	return AcceptedMail{
		Account: a.Address, ID: sub.id, ThreadID: sub.threadID, MessageID: messageID, PostroomID: m.postroomID,
		From: from, Recipients: m.recipients, Header: header, Raw: sub.raw, Form: sub.form, At: f.now(),
	}
}

// Accepted returns all mail that was taken, in order.
func (f *Fake) Accepted() []AcceptedMail {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	return slices.Clone(f.log.mails)
}

// AcceptedByMailID returns every copy that was taken of the mail with this ID,
// Postroom's, in order.
func (f *Fake) AcceptedByMailID(id string) []AcceptedMail {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	copies := f.log.byID[mailer.IDHash(id)]
	found := make([]AcceptedMail, len(copies))
	for i, n := range copies {
		found[i] = f.log.mails[n]
	}
	return found
}

// CountByMailID returns how many copies were taken of the mail with this ID,
// Postroom's.
func (f *Fake) CountByMailID(id string) int {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	return f.log.copies[mailer.IDHash(id)]
}

// idSource makes Gmail's IDs: 16 hexadecimal digits, growing.
type idSource struct {
	last     atomic.Uint64
	requests atomic.Int64
	lookUps  atomic.Int64
}

// firstID is an ID of the size of today's.
const firstID = 0x18c2_f0a3_b1d4_0000

func (s *idSource) next() string { return strconv.FormatUint(firstID+s.last.Add(1), 16) }

func (s *idSource) number() int64 { return s.requests.Add(1) }
