// Package mailer holds the words of sending: what a mail is made of (Draft),
// the finished mail (Message), how it leaves (Sender), how one that may have
// left is found again (Finder), and what went wrong (Error).
//
// A Draft is composed once into a Message, which is RFC 5322 bytes and never
// changes afterwards. A Sender takes the Message to its backend: Gmail
// (package mailer/gmail), or the Console and Maildir of this package, which
// need no network. Whatever a Sender or Finder returns as an error is an *Error,
// whose Class says what may be done next; nobody reads error texts.
package mailer
