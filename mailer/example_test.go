package mailer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
)

func ExampleCompose() {
	m, err := mailer.Compose(mailer.Draft{
		MailID:  "welcome-7",
		From:    mailer.Address{Name: "Shop", Address: "shop@example.com"},
		To:      []mailer.Address{{Name: "Jörg", Address: "joerg@example.org"}},
		Content: mailer.Content{Subject: "Grüße", Text: "Welcome.\n"},
		Date:    time.Date(2026, time.May, 4, 9, 30, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var b strings.Builder
	if _, err := m.WriteTo(&b); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.ReplaceAll(b.String(), "\r\n", "\n"))
	// Output:
	// From: "Shop" <shop@example.com>
	// To: =?utf-8?b?SsO2cmc=?= <joerg@example.org>
	// Subject: =?utf-8?b?R3LDvMOfZQ==?=
	// X-Postroom-ID: 93d8535eaa2fe946ca95d12df4c945b3
	// Date: Mon, 04 May 2026 09:30:00 +0000
	// MIME-Version: 1.0
	// Message-ID: <93d8535eaa2fe946ca95d12df4c945b3@example.com>
	// Content-Transfer-Encoding: quoted-printable
	// Content-Type: text/plain; charset=UTF-8
	//
	// Welcome.
}

func ExampleCompose_refused() {
	_, err := mailer.Compose(mailer.Draft{
		MailID:  "welcome-8",
		From:    mailer.Address{Address: "shop@example.com"},
		To:      []mailer.Address{{Address: "joerg@example.org"}},
		Content: mailer.Content{Subject: "Hello\r\nBcc: everybody@example.org"},
		Date:    time.Date(2026, time.May, 4, 9, 30, 0, 0, time.UTC),
	})
	fmt.Println(errors.Is(err, &mailer.Error{Class: mailer.Permanent}))
	fmt.Println(err)
	// Output:
	// true
	// permanent invalid_draft: subject: holds a line break or another control character
}

func ExampleConsole() {
	m, err := mailer.Compose(mailer.Draft{
		MailID:      "welcome-7",
		From:        mailer.Address{Name: "Shop", Address: "shop@example.com"},
		To:          []mailer.Address{{Name: "Jörg", Address: "joerg@example.org"}},
		Content:     mailer.Content{Subject: "Grüße", Text: "Welcome.\n", HTML: "<p>Welcome.</p>"},
		Attachments: []mailer.Attachment{{Name: "terms.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7")}},
		Date:        time.Date(2026, time.May, 4, 9, 30, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, err := mailer.NewConsole(os.Stdout).Send(context.Background(), m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("sent as", sent.ID)
	// Output:
	// ────────────────────────────────────────────────────────────────────────
	// Mail        welcome-7  (console-93d8535eaa2f)
	// From        "Shop" <shop@example.com>
	// To          Jörg <joerg@example.org>
	// Subject     Grüße
	// Date        Mon, 04 May 2026 09:30:00 +0000
	// ────────────────────────────────────────────────────────────────────────
	// Welcome.
	// ────────────────────────────────────────────────────────────────────────
	// HTML        15 bytes beside the text
	// Attached    terms.pdf  (application/pdf, 8 bytes)
	// Size        1046 bytes
	// ────────────────────────────────────────────────────────────────────────
	// sent as console-93d8535eaa2f
}
