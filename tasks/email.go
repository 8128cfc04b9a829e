package tasks

import (
	"encoding/json"
	"io"
	"time"
)

// Email is what an app asks for, and the queue's payload: a mail with literal
// bodies, or a template and its data. Client.Enqueue fills the fields that are
// marked as its own.
type Email struct {
	// Version of the payload. Enqueue sets it where it is 0.
	Version int `json:"v"`
	// ID of the mail, `[A-Za-z0-9._:-]{1,128}`; the asynq task has it too.
	// Where it is empty Enqueue sets it, from WithID or to a new UUIDv7.
	ID string `json:"id,omitempty"`
	// Account is the address of the Gmail account that sends. Empty: the
	// default account.
	Account string `json:"account,omitempty"`
	// From is the author, `Shop <shop@example.com>`. Empty: the account.
	From string `json:"from,omitempty"`
	// ReplyTo is where answers go. Empty: From.
	ReplyTo Addresses `json:"reply_to,omitempty"`
	// To, Cc and Bcc are RFC 5322 addresses, `Ada <ada@example.org>`. One there
	// must be, and MaxRecipients at most in all.
	To  Addresses `json:"to,omitempty"`
	Cc  Addresses `json:"cc,omitempty"`
	Bcc Addresses `json:"bcc,omitempty"`
	// Subject, Text and HTML are literal. Where there is a Template they stay
	// empty.
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"`
	// Template names a template of the workers' set, or, with Freeze, of the
	// app's; Locale its language (BCP 47, such as "de-AT").
	Template string `json:"template,omitempty"`
	Locale   string `json:"locale,omitempty"`
	// Data is the template's: anything that encodes to a JSON object.
	Data any `json:"data,omitempty"`
	// Attachments are files, and images that the HTML shows.
	Attachments []Attachment `json:"attachments,omitempty"`
	// Headers are extra ones by name. Those that Postroom writes itself are
	// refused.
	Headers map[string]string `json:"headers,omitempty"`
	// Unsubscribe says how a reader leaves the list.
	Unsubscribe *Unsubscribe `json:"unsubscribe,omitempty"`
	// Thread puts the mail into a conversation.
	Thread *Thread `json:"thread,omitempty"`
	// EnqueuedAt and ExpiresAt are UTC. Enqueue sets both, the latter from
	// ExpiresAt or ExpiresIn: mail that has not left by then never will.
	EnqueuedAt time.Time `json:"enqueued_at,omitzero"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	// OnUnknown says what to do when nobody can tell whether Gmail took the
	// mail: Resend (once) or Hold. Enqueue sets the lane's default: Hold on
	// Bulk, Resend on the others. A duplicate changes nothing of the first's.
	OnUnknown OnUnknown `json:"on_unknown,omitempty"`
}

// Attachment is a file within a mail. An app gives Path, Content or Reader;
// Enqueue stores the file once, by its content, and puts the hash into Blob.
type Attachment struct {
	// Name is what the reader sees. Empty: the last element of Path.
	Name string `json:"name,omitempty"`
	// Type is the media type. Empty: found by content and name. A calendar's with
	// a method, "text/calendar; method=REQUEST", makes the mail an invitation.
	Type string `json:"type,omitempty"`
	// CID makes the file inline: the HTML refers to it as "cid:" and this.
	CID string `json:"cid,omitempty"`
	// Blob is the SHA-256 of content that is stored already, in hex.
	Blob string `json:"blob,omitempty"`
	// Path is a file that Enqueue reads. It is never in a payload.
	Path string `json:"path,omitempty"`
	// Content is the file itself. It is never in a payload.
	Content []byte `json:"-"`
	// Reader is read to its end by one Enqueue, or to where it gets too large;
	// to enqueue the mail again it takes a new one. It is never in a payload.
	Reader io.Reader `json:"-"`
}

// Unsubscribe becomes List-Unsubscribe. Either may be empty; an https URL must
// accept the one-click POST of RFC 8058.
type Unsubscribe struct {
	URL    string `json:"url,omitempty"`
	Mailto string `json:"mailto,omitempty"`
}

// Thread names a conversation. Gmail joins it only where the ID, the
// references and the subject agree.
type Thread struct {
	// ID is Gmail's thread ID.
	ID string `json:"id,omitempty"`
	// InReplyTo and References are Message-IDs with their angle brackets.
	InReplyTo  string   `json:"in_reply_to,omitempty"`
	References []string `json:"references,omitempty"`
}

// OnUnknown is a mail's own rule for a send whose outcome nobody knows.
type OnUnknown string

// The two rules.
const (
	// Resend sends once more, and never more than once more: the reader may
	// get two copies.
	Resend OnUnknown = "resend"
	// Hold leaves it to a person: the reader may get none.
	Hold OnUnknown = "hold"
)

// Addresses is a list of RFC 5322 addresses. In JSON a single one may stand
// without the list.
type Addresses []string

// UnmarshalJSON takes a list of strings, or one string.
func (a *Addresses) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var one string
		if err := json.Unmarshal(b, &one); err != nil {
			return err
		}
		*a = Addresses{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*a = many
	return nil
}
