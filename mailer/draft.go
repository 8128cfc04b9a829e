package mailer

import (
	"errors"
	"net/mail"
	"slices"
	"time"
)

// Address is an RFC 5322 mailbox: a display name in any script and an address.
type Address = mail.Address

// A Draft is everything of a mail before it is composed.
type Draft struct {
	// MailID is Postroom's ID of the mail, never empty. A hash of it goes out
	// in the X-Postroom-ID header, so that a sent mail can be found again.
	MailID string
	// Template names the template that it was made of, if any, for who looks at the
	// message. It does not go out.
	Template string
	// From is the one author. It must be the account or one of its aliases:
	// Gmail silently replaces any other.
	From Address
	// ReplyTo, To, Cc and Bcc may be empty, but one recipient there must be.
	ReplyTo, To, Cc, Bcc []Address
	// Meant are the recipients that the mail was written for, where it goes to
	// others instead. They get nothing; Redirect sets them.
	Meant Recipients
	// Content is subject and bodies, and what belongs to them.
	Content
	// Attachments are files, and more images that the HTML shows by Content-ID.
	Attachments []Attachment
	// Headers are extra ones, in order. Those that Compose writes itself are
	// refused: ReservedHeader knows them.
	Headers []Header
	// Thread puts the mail into a conversation.
	Thread Thread
	// Date is the origination date (RFC 5322 section 3.6.1), never zero.
	Date time.Time
}

// Content is what a reader reads: given literally, or rendered from a template.
type Content struct {
	// Subject is one line of UTF-8, not encoded.
	Subject string
	// Text and HTML are the two forms of the body; one of them may be empty.
	// Where both are, the body is an empty text.
	Text, HTML string
	// Images are those that the HTML shows by Content-ID.
	Images []Attachment
	// Unsubscribe fills List-Unsubscribe; an https URL also gets the one-click
	// header of RFC 8058.
	Unsubscribe Unsubscribe
}

// Attachment is a file within a mail.
type Attachment struct {
	// Name is the file's name as the reader sees it, in any script, without a
	// path. It has 255 bytes at most and is never empty.
	Name string
	// Type is its media type, such as "application/pdf". Empty means
	// "application/octet-stream"; message/* and multipart/* are refused. With
	// "text/calendar; method=REQUEST" the mail is an invitation, which Gmail and
	// Outlook show as one; Content has the same METHOD.
	Type string
	// ContentID makes it inline: HTML refers to it as "cid:" and this. It has
	// no angle brackets, and is one attachment's alone.
	ContentID string
	// Content is the file itself, not encoded.
	Content []byte
}

// Header is one extra header field.
type Header struct{ Name, Value string }

// Unsubscribe says how a reader leaves a list. Either may be empty. URL is
// https or http; Mailto is an address, or a mailto URL that has one.
type Unsubscribe struct{ URL, Mailto string }

// Thread names a conversation. Gmail joins it only where the ID, the
// references and the subject agree.
type Thread struct {
	// ID is Gmail's thread ID.
	ID string
	// InReplyTo and References are Message-IDs with their angle brackets.
	// Without References, InReplyTo is the only one.
	InReplyTo  string
	References []string
}

// ErrNoTemplate is returned by a renderer that has no template of the name
// asked for. While a deploy goes on another worker may have it.
var ErrNoTemplate = errors.New("no such template")

// files are all that the mail carries, images first.
func (d *Draft) files() []Attachment { return slices.Concat(d.Images, d.Attachments) }
