package mailertest

import (
	"bufio"
	"bytes"
	"io"
	"net/mail"
	"net/textproto"
)

// idHeader carries mailer.IDHash of a mail's ID.
const idHeader = "X-Postroom-Id" // In net/textproto's spelling of X-Postroom-ID.

// letter is what the fake reads of a message.
type letter struct {
	header     textproto.MIMEHeader
	postroomID string
	recipients []string
}

// parse reads the header of a message and says, in Gmail's words, what is
// wrong with it, if anything is.
func parse(raw []byte) (m *letter, invalid string) {
	m = &letter{}
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadMIMEHeader()
	if err != nil && err != io.EOF { //nolint:errorlint // ReadMIMEHeader returns io.EOF itself, for a message without a body.
		return m, "Invalid message header"
	}
	m.header = header
	m.postroomID = header.Get(idHeader)
	for _, name := range [...]string{"To", "Cc", "Bcc"} {
		for _, list := range header[name] {
			addresses, err := mail.ParseAddressList(list)
			if err != nil {
				return m, "Invalid " + name + " header"
			}
			for _, a := range addresses {
				m.recipients = append(m.recipients, a.Address)
			}
		}
	}
	if len(m.recipients) == 0 {
		return m, "Recipient address required"
	}
	return m, ""
}
