package mailer_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
)

// parsed is what a reader that knows nothing of Compose finds in a message.
type parsed struct {
	header mail.Header
	leaves []leaf
}

// leaf is a part that is no multipart.
type leaf struct {
	path        string // the multiparts around it: "mixed/alternative"
	mediaType   string
	disposition string
	filename    string
	cid         string
	content     string
}

func rawOf(tb testing.TB, m *mailer.Message) []byte {
	tb.Helper()
	raw, err := io.ReadAll(m.Reader())
	if err != nil {
		tb.Fatalf("read message: %v", err)
	}
	return raw
}

// parse reads raw with net/mail and mime/multipart, and fails the test where
// the bytes break a rule that those two forgive.
func parse(tb testing.TB, raw []byte) parsed {
	tb.Helper()
	checkLines(tb, raw)
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		tb.Fatalf("parse message: %v\n%s", err, raw)
	}
	p := parsed{header: msg.Header}
	p.read(tb, "", textproto.MIMEHeader(msg.Header), msg.Body)
	return p
}

// read returns the part's type.
func (p *parsed) read(tb testing.TB, path string, h textproto.MIMEHeader, body io.Reader) string {
	tb.Helper()
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		tb.Fatalf("Content-Type %q: %v", h.Get("Content-Type"), err)
	}
	if kind, found := strings.CutPrefix(mediaType, "multipart/"); found {
		root := p.readParts(tb, strings.TrimPrefix(path+"/"+kind, "/"), multipart.NewReader(body, params["boundary"]))
		if kind == "related" && params["type"] != root { // RFC 2387 section 3.1.
			tb.Errorf("multipart/related says that it begins with %q, and begins with %q", params["type"], root)
		}
		return mediaType
	}
	l := leaf{path: path, mediaType: mediaType, cid: h.Get("Content-ID"), content: decode(tb, h, body)}
	if d := h.Get("Content-Disposition"); d != "" {
		kind, where, err := mime.ParseMediaType(d)
		if err != nil {
			tb.Fatalf("Content-Disposition %q: %v", d, err)
		}
		l.disposition, l.filename = kind, where["filename"]
		if name, err := new(mime.WordDecoder).DecodeHeader(params["name"]); err != nil || name != l.filename {
			tb.Errorf("Outlook reads the name %q (%v), others %q", name, err, l.filename)
		}
	}
	p.leaves = append(p.leaves, l)
	return mediaType
}

// readParts returns the type of the first part.
func (p *parsed) readParts(tb testing.TB, path string, parts *multipart.Reader) (root string) {
	tb.Helper()
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return root
		}
		if err != nil {
			tb.Fatalf("part of %s: %v", path, err)
		}
		mediaType := p.read(tb, path, part.Header, part)
		root = cmp.Or(root, mediaType)
	}
}

func decode(tb testing.TB, h textproto.MIMEHeader, body io.Reader) string {
	tb.Helper()
	switch encoding := h.Get("Content-Transfer-Encoding"); encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		tb.Fatalf("Content-Transfer-Encoding %q", encoding)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		tb.Fatalf("decode part: %v", err)
	}
	return string(content)
}

// leaf returns the one part of that media type.
func (p *parsed) leaf(tb testing.TB, mediaType string) leaf {
	tb.Helper()
	for _, l := range p.leaves {
		if l.mediaType == mediaType {
			return l
		}
	}
	tb.Fatalf("no part of type %s", mediaType)
	return leaf{}
}

func (p *parsed) text(tb testing.TB, name string) string {
	tb.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(p.header.Get(name))
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return s
}

func (p *parsed) addresses(tb testing.TB, name string) []mailer.Address {
	tb.Helper()
	if p.header.Get(name) == "" {
		return nil
	}
	list, err := p.header.AddressList(name)
	if err != nil {
		tb.Fatalf("%s %q: %v", name, p.header.Get(name), err)
	}
	got := make([]mailer.Address, 0, len(list))
	for _, a := range list {
		got = append(got, *a)
	}
	return got
}

// checkLines holds raw to RFC 5322 section 2.1.1 and 2.2.3, and to ASCII.
func checkLines(tb testing.TB, raw []byte) {
	tb.Helper()
	head, _, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		tb.Fatalf("no empty line after the header:\n%q", raw)
	}
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			tb.Errorf("a header line of nothing but spaces:\n%q", head)
		}
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			tb.Errorf("a line of %d bytes: %.80q", len(line), line)
		}
		if i := bytes.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }); i >= 0 {
			tb.Errorf("byte %#x in line %.80q", line[i], line)
		}
	}
}

// newlines turns every line end into "\n": a body keeps its lines, not the way
// in which they ended.
func newlines(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}
