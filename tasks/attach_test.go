package tasks_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
)

// attached is a letter with these attachments.
func attached(list ...tasks.Attachment) tasks.Email {
	e := letter()
	e.Attachments = list
	return e
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func decoded(t *testing.T, rdb redis.UniversalClient, r tasks.Receipt) tasks.Email {
	t.Helper()
	e, err := tasks.DecodePayload(taskOf(t, rdb, r).Payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		content := bytes.Repeat([]byte("MARK"), 1000)
		sum := blobs.Sum(content)
		path := writeFile(t, "Größe.bin", content)

		for name, a := range map[string]tasks.Attachment{
			"path": {Path: path}, "content": {Name: "other.dat", Content: content},
			"reader": {Name: "third.dat", Reader: iotest.OneByteReader(bytes.NewReader(content))},
		} {
			got := decoded(t, rdb, enqueue(t, client, attached(a)))
			if len(got.Attachments) != 1 || got.Attachments[0].Blob != sum {
				t.Errorf("%s: attachments %+v, want one of blob %s", name, got.Attachments, sum)
			}
		}
		r := enqueue(t, client, attached(tasks.Attachment{Name: "third", Blob: sum}, tasks.Attachment{Path: path}))
		if payload := taskOf(t, rdb, r).Payload; bytes.Contains(payload, []byte("MARK")) || bytes.Contains(payload, []byte(path)) {
			t.Errorf("content or path in the payload: %s", payload)
		}
		got := decoded(t, rdb, r).Attachments
		if got[0].Name != "third" || got[1].Name != "Größe.bin" {
			t.Errorf("attachments %+v, want the given name and the file's", got)
		}
		stored, err := blobs.New(rdb).Get(t.Context(), sum)
		if err != nil || !bytes.Equal(stored, content) {
			t.Errorf("stored: %d bytes, %v; want %d", len(stored), err, len(content))
		}
		if keys := rdb.Keys(t.Context(), "postroom:blob:*").Val(); len(keys) != 1 {
			t.Errorf("blobs %q, want one", keys)
		}
	})
}

func TestAttachmentNameAndType(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	png := []byte("\x89PNG\r\n\x1a\n")
	path := writeFile(t, "invoice.PDF", []byte("%PDF-1.7"))
	for _, test := range []struct {
		given            tasks.Attachment
		wantName, wantIs string
	}{
		{tasks.Attachment{Path: path}, "invoice.PDF", "application/pdf"},
		{tasks.Attachment{Path: path, Name: "Rechnung.pdf"}, "Rechnung.pdf", "application/pdf"},
		{tasks.Attachment{Path: path, Type: "application/x-mine; v=1"}, "invoice.PDF", "application/x-mine; v=1"},
		{tasks.Attachment{Name: "logo", Content: png}, "logo", "image/png"},
		{tasks.Attachment{Name: "logo", Reader: bytes.NewReader(png)}, "logo", "image/png"},
		{tasks.Attachment{Name: "logo.gif", Content: png}, "logo.gif", "image/png"},
		{tasks.Attachment{Name: "logo.txt", Content: png}, "logo.txt", "image/png"},
		{tasks.Attachment{Name: "logo.gif", Content: png, Type: "image/gif"}, "logo.gif", "image/gif"},
		{tasks.Attachment{Name: "photo.jpg", Content: []byte("<!DOCTYPE html><p>404")}, "photo.jpg", "text/html; charset=utf-8"},
		{tasks.Attachment{Name: "photo.jpg", Content: []byte{0, 1, 2}}, "photo.jpg", "application/octet-stream"},
		{tasks.Attachment{Name: "bill.html", Content: []byte("%PDF-1.7")}, "bill.html", "application/pdf"},
		{tasks.Attachment{Name: "logo.svg", Content: []byte("<svg/>")}, "logo.svg", "image/svg+xml"},
		{tasks.Attachment{Name: "deck.docx", Content: []byte("PK\x03\x04")}, "deck.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{tasks.Attachment{Name: "list.zip", Content: []byte("not one")}, "list.zip", "application/zip"},
		{tasks.Attachment{Name: "grüße.txt", Content: []byte("grüße")}, "grüße.txt", "text/plain; charset=utf-8"},
		{tasks.Attachment{Name: "latin-1.txt", Content: []byte("gr\xfc\xdfe")}, "latin-1.txt", "text/plain"},
		{tasks.Attachment{Name: "latin-1", Content: []byte("gr\xfc\xdfe")}, "latin-1", "text/plain"},
		{tasks.Attachment{Name: "mail.eml", Content: []byte("From: a")}, "mail.eml", "application/octet-stream"},
		{tasks.Attachment{Name: "invite.ics", Content: []byte("BEGIN:VCALENDAR\r\nmethod:Request\r\n")}, "invite.ics", "text/calendar; method=REQUEST"},
		{tasks.Attachment{Name: "dates.ics", Content: []byte("BEGIN:VCALENDAR\nMETHOD:PUBLISH\n")}, "dates.ics", "text/calendar; charset=utf-8"},
		{tasks.Attachment{Name: "stored.PNG", Blob: blobs.Sum(png)}, "stored.PNG", "image/png"},
		{tasks.Attachment{Name: "empty", Content: []byte{}}, "empty", "text/plain; charset=utf-8"},
		{tasks.Attachment{Name: "noise", Content: []byte{0, 1, 2}}, "noise", "application/octet-stream"},
		{tasks.Attachment{Name: "stored", Blob: blobs.Sum(png)}, "stored", "application/octet-stream"},
	} {
		a := decoded(t, rdb, enqueue(t, client, attached(test.given))).Attachments[0]
		if a.Name != test.wantName || a.Type != test.wantIs {
			t.Errorf("%+v: %q of type %q, want %q of type %q", test.given, a.Name, a.Type, test.wantName, test.wantIs)
		}
	}
}

func TestAttachmentsRefused(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	half := filepath.Join(dir, "half")
	for path, size := range map[string]int64{large: tasks.MaxMessage + 1, half: tasks.MaxMessage/2 + 1} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil { // Sparse: it takes no room.
			t.Fatal(err)
		}
	}
	named := func(name string) tasks.Attachment { return tasks.Attachment{Name: name, Content: []byte("x")} }
	for _, test := range []struct {
		field, reason string
		list          []tasks.Attachment
	}{
		{"attachments[0].path", "no such file", []tasks.Attachment{{Path: filepath.Join(dir, "gone")}}},
		{"attachments[1].path", "no such file", []tasks.Attachment{named("a"), {Path: filepath.Join(dir, "gone")}}},
		{"attachments[0].path", "is not a file", []tasks.Attachment{{Path: dir, Name: "dir"}}},
		{"attachments[0].path", "is not a file", []tasks.Attachment{{Path: os.DevNull}}},
		{"attachments[0].path", "too many levels of symbolic links", []tasks.Attachment{{Path: loop(t)}}},
		{"attachments[0].path", "36700161 bytes; Gmail takes a message of 36700160", []tasks.Attachment{{Path: large}}},
		{"attachments[1].path", "and more files before it", []tasks.Attachment{{Path: half}, {Path: half}}},
		{"attachments[1]", "18350081 bytes, the largest of 3", []tasks.Attachment{
			{Name: "a", Content: make([]byte, 5<<20)}, {Path: half}, {Name: "b", Content: make([]byte, 5<<20)},
		}},
		{"attachments[0]", "Gmail takes 36700160: send a link", []tasks.Attachment{{Name: "b", Content: make([]byte, 27<<20)}}},
		{"attachments[0].reader", "more than 36700160 bytes; Gmail takes", []tasks.Attachment{{Name: "a", Reader: zeros{}}}},
		{"attachments[1].reader", "more than 18350079 bytes, and more files before it", []tasks.Attachment{{Path: half}, {Name: "a", Reader: zeros{}}}},
		{"attachments[0].reader", "could not be read: out of order", []tasks.Attachment{{Name: "a", Reader: iotest.ErrReader(errors.New("out of order"))}}},
		{"attachments[0].name", "missing", []tasks.Attachment{{Reader: strings.NewReader("x")}}},
		{"attachments[0]", "has no content", []tasks.Attachment{{Name: "a"}}},
		{"attachments[0].name", "missing", []tasks.Attachment{{Content: []byte("x")}}},
		{"attachments[0]", "one of path, content, reader and blob", []tasks.Attachment{{Path: half, Content: []byte("x")}}},
		{"attachments[0]", "one of path, content, reader and blob", []tasks.Attachment{{Path: half, Blob: blobs.Sum(nil)}}},
		{"attachments[0]", "one of path, content, reader and blob", []tasks.Attachment{{Name: "a", Content: []byte{}, Blob: blobs.Sum(nil)}}},
		{"attachments[0]", "one of path, content, reader and blob", []tasks.Attachment{{Name: "a", Content: []byte{}, Reader: zeros{}}}},
		{"attachments[0].type", "says image/png, and the content is no image, but text/html", []tasks.Attachment{
			{Name: "a", Type: "image/png", Content: []byte("<html>404")},
		}},
		{"attachments[0].name", "says image/png, and the content is no image, but application/octet-stream", []tasks.Attachment{
			{Name: "logo.png", CID: "logo", Content: []byte{0, 1, 2}},
		}},
		{"attachments[0].name", "says image/jpeg, and the content is no image, but text/plain", []tasks.Attachment{
			{Path: writeFile(t, "photo.jpg", nil), CID: "photo"},
		}},
		{"attachments[0].blob", "is not stored", []tasks.Attachment{{Name: "a", Blob: blobs.Sum(nil)}}},
		{"attachments[1].blob", "is not stored", []tasks.Attachment{named("a"), {Name: "b", Blob: blobs.Sum(nil)}}},
		{"attachments[0].blob", "64 lower case hex", []tasks.Attachment{{Name: "a", Blob: strings.ToUpper(blobs.Sum(nil))}}},
		{"attachments[0].name", "without a path", []tasks.Attachment{named("../a")}},
		{"attachments[0].name", "without a path", []tasks.Attachment{named(`..\a`)}},
		{"attachments[0].name", "without a path", []tasks.Attachment{named("..")}},
		{"attachments[0].name", "line break", []tasks.Attachment{named("a\r\nb")}},
		{"attachments[0].name", "not UTF-8", []tasks.Attachment{named("a\xff")}},
		{"attachments[0].name", "255 at most", []tasks.Attachment{named(strings.Repeat("a", 256))}},
		{"attachments[0].name", "line break", []tasks.Attachment{{Path: writeFile(t, "a\nb", nil)}}},
		{"attachments[0].type", "media type", []tasks.Attachment{{Name: "a", Content: []byte{}, Type: "pdf"}}},
		{"attachments[0].type", "media type", []tasks.Attachment{{Name: "a", Content: []byte{}, Type: "a/b/c"}}},
		{"attachments[0].type", "media type", []tasks.Attachment{{Name: "a", Content: []byte{}, Type: "text/plain\r\nX: y"}}},
		{"attachments[0].type", "cannot be attached as it is", []tasks.Attachment{{Name: "a", Content: []byte{}, Type: "message/rfc822"}}},
		{"attachments[0].type", "cannot be attached as it is", []tasks.Attachment{{Name: "a", Content: []byte{}, Type: "Multipart/mixed"}}},
		{"attachments[0].type", "the calendar itself no METHOD", []tasks.Attachment{invitation("")}},
		{"attachments[0].type", "another method than", []tasks.Attachment{invitation("METHOD:CANCEL\r\n")}},
		{"attachments[0]", "not UTF-8", []tasks.Attachment{invitation("METHOD:REQUEST\nSUMMARY:\xff\n")}},
		{"attachments[0]", "NUL", []tasks.Attachment{invitation("METHOD:REQUEST\nSUMMARY:\x00\n")}},
		{"attachments[1].type", "a second invitation", []tasks.Attachment{invitation("METHOD:REQUEST\n"), invitation("method:request\n")}},
		{"attachments[0].cid", "no space", []tasks.Attachment{{Name: "a", Content: []byte{}, CID: "a b"}}},
		{"attachments[0].cid", "angle bracket", []tasks.Attachment{{Name: "a", Content: []byte{}, CID: "<a>"}}},
		{"attachments[0].cid", "non-ASCII", []tasks.Attachment{{Name: "a", Content: []byte{}, CID: "ä"}}},
		{"attachments[1].cid", "another attachment", []tasks.Attachment{
			{Name: "a", Content: []byte{}, CID: "a"}, {Name: "b", Content: []byte{}, CID: "a"},
		}},
	} {
		_, err := client.Enqueue(t.Context(), attached(test.list...))
		checkProblem(t, err, test.field, test.reason)
	}
	checkEmpty(t, rdb)
}

// invitation is a calendar that holds these properties.
func invitation(properties string) tasks.Attachment {
	content := []byte("BEGIN:VCALENDAR\r\n" + properties + "END:VCALENDAR\r\n")
	return tasks.Attachment{Name: "invite.ics", Type: "text/calendar; method=REQUEST", Content: content}
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// loop is a path that no user, not even root, can read.
func loop(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(path, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProblemsComeTogether(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	e := attached(tasks.Attachment{Path: "gone"}, tasks.Attachment{Name: "a/b", Content: []byte{}})
	e.To, e.Subject = nil, "a\nb"
	_, err := tasks.NewClient(rdb).Enqueue(t.Context(), e, tasks.ExpiresIn(-1))
	list := problems(t, err)
	fields := make([]string, len(list))
	for i, p := range list {
		fields[i] = p.Field
	}
	if got, want := strings.Join(fields, " "), "attachments[0].path expires_at to subject attachments[1].name"; got != want {
		t.Errorf("problems of %s, want %s", got, want)
	}
	checkEmpty(t, rdb)
}

// TestPayloadTooLarge holds that not even the attachment is stored.
func TestPayloadTooLarge(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	now := time.Now().Truncate(time.Second)
	client.SetNow(func() time.Time { return now }) // How long a time is depends on its fraction.
	e := attached(tasks.Attachment{Name: "a", Content: []byte("hello")})
	fits := func(text int) bool {
		e.Text = strings.Repeat("x", text)
		_, err := client.Enqueue(t.Context(), e)
		if err != nil {
			checkProblem(t, err, "payload", "at most 1048576 are taken")
		}
		return err == nil
	}
	if fits(tasks.MaxPayload) {
		t.Fatal("a payload of more than MaxPayload was taken")
	}
	checkEmpty(t, rdb)
	low, high := 0, tasks.MaxPayload
	for low+1 < high {
		if middle := (low + high) / 2; fits(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	e.Text = strings.Repeat("x", low)
	r := enqueue(t, client, e)
	if n := len(taskOf(t, rdb, r).Payload); n != tasks.MaxPayload {
		t.Errorf("the largest payload taken has %d bytes, want %d", n, tasks.MaxPayload)
	}
}

func TestBlobsOutliveTheMail(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		client := tasks.NewClient(rdb)
		sum := blobs.Sum([]byte("hello"))
		checkDays := func(want float64) {
			t.Helper()
			ttl, err := rdb.PTTL(t.Context(), "postroom:blob:"+sum).Result()
			if days := ttl.Hours() / 24; err != nil || days < want-0.01 || days > want+0.01 {
				t.Errorf("the blob lives for %.2f days (%v), want %.0f", days, err, want)
			}
		}
		e := attached(tasks.Attachment{Name: "a", Content: []byte("hello")})
		enqueue(t, client, e)
		checkDays(100)
		enqueue(t, client, e, tasks.In(60*24*time.Hour))
		checkDays(160)
		enqueue(t, client, e)
		checkDays(160)
		enqueue(t, client, attached(tasks.Attachment{Name: "a", Blob: sum}), tasks.In(70*24*time.Hour))
		checkDays(170)
	})
}

// TestReckonedSizes compares what Enqueue reckons with what encoders write.
func TestReckonedSizes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 1000, 100_000} {
		raw := base64.StdEncoding.EncodedLen(n)
		want := int64(raw + (raw+75)/76*2)
		if got := tasks.Base64Size(int64(n)); got != want {
			t.Errorf("%d bytes in base64: %d, want %d", n, got, want)
		}
	}
	for name, s := range texts() {
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := tasks.QuotedSize(s), int64(b.Len()); got < want || got > want+want/16+8 {
			t.Errorf("%s as quoted-printable: reckoned %d, written %d", name, got, want)
		}
	}
}

func texts() map[string]string {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 10_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	return map[string]string{
		"nothing":         "",
		"a word":          "Hello",
		"one long line":   strings.Repeat("x", 10_000),
		"lines":           strings.Repeat("Hello, Ada.\n", 1000),
		"CRLF":            strings.Repeat("Hello, Ada.\r\n", 1000),
		"lone CR":         strings.Repeat("Hello, Ada.\r", 1000),
		"empty lines":     strings.Repeat("\n", 1000),
		"trailing spaces": strings.Repeat("Hello, Ada. \nHello\t\r\n", 1000),
		"equals":          strings.Repeat("=", 10_000),
		"German":          strings.Repeat("Grüße aus Österreich. ", 1000),
		"Japanese":        strings.Repeat("こんにちは、エイダ。", 1000),
		"noise":           string(noise),
	}
}

// TestNoMessageIsLargerThanReckoned composes mails as a worker would.
func TestNoMessageIsLargerThanReckoned(t *testing.T) {
	t.Parallel()
	many := make([]string, tasks.MaxRecipients)
	for i := range many {
		many[i] = fmt.Sprintf("%s <%s%d@example.org>", strings.Repeat("渡辺", 20), strings.Repeat("a", 50), i)
	}
	content := []byte("hello")
	samples := map[string]tasks.Email{
		"letter": letter(),
		"many":   {To: many, Subject: strings.Repeat("Überraschung ", 50), Text: "x"},
		"headers": {To: many[:1], Text: "x", Headers: map[string]string{
			"X-A": strings.Repeat("ä", 400), "X-B": strings.Repeat("b", 900), "X-C": strings.Repeat("c d ", 200),
		}},
		"files": attached(
			tasks.Attachment{Name: strings.Repeat("渡", 80), Type: "text/plain", Content: content},
			tasks.Attachment{Name: "logo.png", Type: "image/png", CID: strings.Repeat("c", 900), Content: make([]byte, 1<<20)},
			tasks.Attachment{Name: strings.Repeat("n", 250), Type: "application/x; a=" + strings.Repeat("b", 200), Content: nil},
		),
	}
	for name, s := range map[string]string{"invitation": "SUMMARY:Tee\n", "Japanese invitation": "SUMMARY:お茶\n", "odd invitation": "\n\n==="} {
		samples[name] = attached(invitation("METHOD:REQUEST\n" + strings.Repeat(s, 2000)))
	}
	for name, s := range texts() {
		if strings.HasPrefix(name, "noise") {
			continue // It is not UTF-8, and refused.
		}
		samples[name] = tasks.Email{To: many[:1], Text: s + "x", HTML: "<p>" + s}
	}
	for name, e := range samples {
		message, err := mailer.Compose(draft(t, e))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sizes := make([]int64, len(e.Attachments))
		for i, a := range e.Attachments {
			sizes[i] = int64(len(a.Content))
		}
		got, composed := e.ComposedSize(sizes), message.Size()
		if got < composed {
			t.Errorf("%s: reckoned %d bytes, composed %d", name, got, composed)
		}
		if got > composed*4+16<<10 {
			t.Errorf("%s: reckoned %d bytes, composed only %d", name, got, composed)
		}
	}
}

// draft is a mail as a worker composes it.
func draft(t *testing.T, e tasks.Email) mailer.Draft {
	t.Helper()
	parse := func(list ...string) []mail.Address {
		t.Helper()
		all := make([]mail.Address, len(list))
		for i, s := range list {
			a, err := tasks.ParseAddress(s)
			if err != nil {
				t.Fatal(err)
			}
			all[i] = a
		}
		return all
	}
	d := mailer.Draft{
		MailID: "order-1041", From: mail.Address{Address: "shop@example.com"}, Date: time.Unix(1_800_000_000, 0),
		ReplyTo: parse(e.ReplyTo...), To: parse(e.To...), Cc: parse(e.Cc...), Bcc: parse(e.Bcc...),
		Content: mailer.Content{Subject: e.Subject, Text: e.Text, HTML: e.HTML},
	}
	if e.From != "" {
		d.From = parse(e.From)[0]
	}
	for name, value := range e.Headers {
		d.Headers = append(d.Headers, mailer.Header{Name: name, Value: value})
	}
	for _, a := range e.Attachments {
		d.Attachments = append(d.Attachments, mailer.Attachment{Name: a.Name, Type: a.Type, ContentID: a.CID, Content: a.Content})
	}
	if e.Unsubscribe != nil {
		d.Unsubscribe = mailer.Unsubscribe(*e.Unsubscribe)
	}
	if e.Thread != nil {
		d.Thread = mailer.Thread(*e.Thread)
	}
	return d
}
