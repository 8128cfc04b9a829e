package mailer

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

const (
	// lineLen is where header lines are folded: RFC 2047 section 2 sets 76 for
	// lines with encoded words, and RFC 5322 recommends 78 for all.
	lineLen = 76
	// encodedLen is the longest text within one encoded word, so short that
	// with its frame of 12 bytes it fits on the line of most fields' names.
	encodedLen = 48
)

// ReservedHeader reports whether a header of that name, in any case, is refused
// in Draft.Headers: because Compose writes it from a field of its own, or
// because only servers on the mail's way may.
func ReservedHeader(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version",
		"in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post",
		"return-path", "received", "received-spf", "delivered-to", "authentication-results",
		"dkim-signature", "domainkey-signature":
		return true
	default:
		return strings.HasPrefix(name, "x-postroom-") || strings.HasPrefix(name, "content-") ||
			strings.HasPrefix(name, "resent-") || strings.HasPrefix(name, "arc-")
	}
}

// writeHeader writes all fields but those of MIME, Date and Message-ID, which
// come from go-mail. It is not go-mail that writes these, since it sorts them,
// leaves Bcc out, and folds a run of spaces into a line of nothing but spaces.
func writeHeader(out *bytes.Buffer, d *Draft) {
	writeField(out, "From", formatAddress(d.From))
	for _, f := range []struct {
		name      string
		addresses []Address
	}{{"Reply-To", d.ReplyTo}, {"To", d.To}, {"Cc", d.Cc}, {"Bcc", d.Bcc}} {
		if len(f.addresses) > 0 {
			writeField(out, f.name, formatAddresses(f.addresses))
		}
	}
	if d.Subject != "" {
		writeField(out, "Subject", encodeText(d.Subject))
	}
	writeThread(out, d.Thread)
	writeUnsubscribe(out, d.Unsubscribe)
	writeField(out, "X-Postroom-ID", IDHash(d.MailID))
	writeMeant(out, d.Meant)
	for _, h := range d.Headers {
		if isListID(h.Name) {
			writeField(out, h.Name, encodeListID(h.Value))
		} else {
			writeField(out, h.Name, encodeText(h.Value))
		}
	}
}

// writeThread names the parent in References too where the Draft has none: RFC
// 5322 section 3.6.4 ends the references with the parent, and Gmail asks for
// both fields.
func writeThread(out *bytes.Buffer, t Thread) {
	references := t.References
	if t.InReplyTo != "" {
		writeField(out, "In-Reply-To", t.InReplyTo)
		if len(references) == 0 {
			references = []string{t.InReplyTo}
		}
	}
	if len(references) > 0 {
		writeField(out, "References", strings.Join(references, " "))
	}
}

// writeUnsubscribe offers one click (RFC 8058) for https alone: section 3.1
// requires it.
func writeUnsubscribe(out *bytes.Buffer, u Unsubscribe) {
	var ways []string
	if u.URL != "" {
		ways = append(ways, "<"+u.URL+">")
	}
	if u.Mailto != "" {
		ways = append(ways, "<"+mailto(u.Mailto)+">")
	}
	if len(ways) > 0 {
		writeField(out, "List-Unsubscribe", strings.Join(ways, ", "))
	}
	if hasScheme(u.URL, "https") {
		writeField(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
}

// mailto makes a URL of what may be an address alone.
func mailto(s string) string {
	if hasScheme(s, "mailto") {
		return s
	}
	return "mailto:" + s
}

func hasScheme(s, scheme string) bool {
	head, _, found := strings.Cut(s, ":")
	return found && strings.EqualFold(head, scheme)
}

// writeField writes one field, folded at the single spaces of value.
func writeField(out *bytes.Buffer, name, value string) {
	out.WriteString(name)
	out.WriteByte(':')
	column := len(name) + 1
	for word := range strings.SplitSeq(value, " ") {
		// The first word stays beside the name where it can: some readers take
		// a field that starts with a fold for an empty one.
		if column+1+len(word) > lineLen && (column > len(name)+1 || strings.HasPrefix(word, "=?")) {
			out.WriteString("\r\n")
			column = 0
		}
		out.WriteByte(' ')
		out.WriteString(word)
		column += 1 + len(word)
	}
	out.WriteString("\r\n")
}

// encodeText gives the value of an unstructured field (RFC 5322 section 2.2.1),
// as it is where every reader will read it so.
func encodeText(s string) string {
	if isPlain(s) {
		return s
	}
	return encodeWords(s)
}

// isPlain reports whether s comes back unchanged from a header that it was
// folded into: printable ASCII, single spaces between words that fit on a line,
// and nothing that looks like an encoded word.
func isPlain(s string) bool {
	word := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' && word == 0: // Leading, or the second of two.
			return false
		case c == ' ':
			word = 0
			continue
		case c < ' ', c >= 0x7f:
			return false
		case c == '?' && i > 0 && s[i-1] == '=':
			return false
		}
		word++
		if word > maxWord {
			return false
		}
	}
	return s == "" || word > 0
}

// encodeWords gives s as encoded words of RFC 2047 with spaces between them, in
// its Q or its B encoding, whichever is shorter. Each word holds whole
// characters (section 5), and in Q nothing that a display name must not hold.
func encodeWords(s string) string {
	quoted := 0
	for i := range len(s) {
		quoted += qLen(s[i])
	}
	open, limit, weight, write := "=?utf-8?q?", encodedLen, qLen, writeQ
	if quoted > base64.StdEncoding.EncodedLen(len(s)) {
		open, limit, weight, write = "=?utf-8?b?", encodedLen/4*3, bLen, writeB
	}
	var b strings.Builder
	for s != "" {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		head := headOf(s, limit, weight)
		b.WriteString(open)
		write(&b, head)
		b.WriteString("?=")
		s = s[len(head):]
	}
	return b.String()
}

// headOf is as many whole characters from the start of s as weigh no more than
// limit together.
func headOf(s string, limit int, weight func(byte) int) string {
	total := 0
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		for j := range n {
			total += weight(s[i+j])
		}
		if total > limit {
			return s[:i]
		}
		i += n
	}
	return s
}

func qLen(c byte) int {
	if c == ' ' || isAlnum(c) || strings.IndexByte("!*+-/", c) >= 0 {
		return 1
	}
	return 3
}

// bLen counts bytes before they are encoded: four letters stand for three.
func bLen(byte) int { return 1 }

func writeB(b *strings.Builder, s string) {
	b.WriteString(base64.StdEncoding.EncodeToString([]byte(s)))
}

func writeQ(b *strings.Builder, s string) {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('_')
		case qLen(c) == 1:
			b.WriteByte(c)
		default:
			writeHex(b, '=', c)
		}
	}
}

func writeHex(b *strings.Builder, mark, c byte) {
	const digits = "0123456789ABCDEF"
	b.WriteByte(mark)
	b.WriteByte(digits[c>>4])
	b.WriteByte(digits[c&0xf])
}
