// Package gmail sends messages through the Gmail API, and looks them up in the
// account's Sent mail.
//
// A [Sender] sends for one account; all accounts share one transport:
//
//	transport := gmail.NewTransport(16)
//	sender, err := gmail.New(gmail.Config{Tokens: source, Transport: transport})
//	...
//	sent, err := sender.Send(ctx, message)
//
// Every Send is one request, with one exception: a 401 means that the access
// token has ended and nothing was looked at, so a fresh one is fetched and the
// request is made once more. A message of up to 4 MiB goes as JSON with the
// message in base64url, a larger one as a multipart upload, both streamed and
// of known length.
//
// What goes wrong comes back as a *mailer.Error. Its class is decided in one
// place, by this rule: an error before the request had a connection is
// Unreachable, since no byte of it left; one after that, without an answer that
// can be read, is Unknown, since Gmail may have the mail; and else the answer
// decides.
//
// [Sender.Find] asks for sent mail, by requests that change nothing and may be
// repeated: there no answer means no more than that, a Temporary error. What the
// account's scopes do not allow is Permanent, and blocks no sending.
//
// net/http may begin the same send once more, but only where nothing of it
// can have been acted on: over HTTP/1 when a reused connection turns out dead
// before a byte was written; over HTTP/2 when the stream was reset while a part
// of the mail was still to come, and then twice at most. A stream that is reset
// after the whole mail has left makes it Unknown, whatever the server says.
// Redirects are not followed.
package gmail
