package tasks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
)

// TestBadInput holds what becomes of what producers get wrong: it is refused at
// the door, with its field and reason, or goes out so that two readers find
// again what was given.
func TestBadInput(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	both := letter()
	both.ID, both.HTML = "order-1041", "<p>x"
	var own strings.Builder // The boundaries of the very mail that the body belongs to.
	for line := range strings.SplitSeq(composed(t, both), "\r\n") {
		if strings.HasPrefix(line, "--") {
			own.WriteString(line + "\r\n")
		}
	}
	boundary := own.String()
	for _, test := range []struct {
		name, field, reason string // Both empty for what goes out.
		change              func(*tasks.Email)
	}{
		{"a header in the subject", "subject", "line break", func(e *tasks.Email) { e.Subject = "Hi\r\nBcc: eve@example.org" }},
		{"a header in a name", "to[0]", "line break", func(e *tasks.Email) { e.To[0] = "\"Ada\r\nBcc: eve@example.org\" <ada@example.org>" }},
		{"a header in an encoded name", "to[0]", "line break", func(e *tasks.Email) { e.To[0] = "=?utf-8?q?Ada=0D=0ABcc?= <ada@example.org>" }},
		{"a header in a header", "headers.X-Tag", "line break", func(e *tasks.Email) { e.Headers = map[string]string{"X-Tag": "1\nBcc: eve@example.org"} }},
		{"a header in a header's name", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{"X-Tag: 1\r\nBcc": "eve@example.org"} }},
		{"a second From", "headers.from", "written by Postroom", func(e *tasks.Email) { e.Headers = map[string]string{"from": "eve@example.org"} }},
		{"a header in a file's name", "attachments[0].name", "line break", func(e *tasks.Email) {
			e.Attachments = []tasks.Attachment{{Name: "a\r\nX-Evil: 1", Content: []byte("x")}}
		}},
		{"a header in a file's type", "attachments[0].type", "media type", func(e *tasks.Email) {
			e.Attachments = []tasks.Attachment{{Name: "a", Type: "text/plain\r\nX: y", Content: []byte("x")}}
		}},
		{"its own boundary in both bodies", "", "", func(e *tasks.Email) { e.Text, e.HTML = "a\r\n"+boundary+"b", "<p>\r\n"+boundary }},
		{"an end of data in the body", "", "", func(e *tasks.Email) { e.Text = "a\r\n.\r\nMAIL FROM:<eve@example.org>\r\n" }},
		{"a mail in the body", "", "", func(e *tasks.Email) { e.Text = "From: eve@example.org\r\nTo: x\r\n\r\nFrom here\n" }},
		{"a lone CR in the text", "", "", func(e *tasks.Email) { e.Text = "a\rb\r\rc\r" }},
		{"a lone CR in the HTML", "", "", func(e *tasks.Email) { e.HTML = "<p>a\rb" }},
		{"a lone CR in the subject", "subject", "line break", func(e *tasks.Email) { e.Subject = "a\rb" }},
		{"NUL in the text", "text", "NUL", func(e *tasks.Email) { e.Text = "a\x00b" }},
		{"NUL in the HTML", "html", "NUL", func(e *tasks.Email) { e.HTML = "a\x00b" }},
		{"NUL in the subject", "subject", "control character", func(e *tasks.Email) { e.Subject = "a\x00b" }},
		{"other control characters in the text", "", "", func(e *tasks.Email) { e.Text = "a\x1b[31mb\x07\v\f\x7f\u0085\u2028c" }},
		{"invalid UTF-8 in the text", "text", "not UTF-8", func(e *tasks.Email) { e.Text = "a\xffb" }},
		{"invalid UTF-8 in the HTML", "html", "not UTF-8", func(e *tasks.Email) { e.HTML = "\xed\xa0\x80" }},
		{"invalid UTF-8 in a name", "to[0]", "is not an address", func(e *tasks.Email) { e.To[0] = "A\xff <ada@example.org>" }},
		{"a line of 100,000 bytes", "", "", func(e *tasks.Email) { e.Text = strings.Repeat("x", 100_000) }},
		{"a line of 100,000 bytes without ASCII", "", "", func(e *tasks.Email) { e.HTML = strings.Repeat("漢", 33_334) }},
		{"a subject of 998 bytes in one word", "", "", func(e *tasks.Email) { e.Subject = strings.Repeat("x", 998) }},
		{"a subject of 999 bytes", "subject", "999 bytes; at most 998", func(e *tasks.Email) { e.Subject = strings.Repeat("x", 999) }},
		{"a header of 998 bytes in one word", "", "", func(e *tasks.Email) { e.Headers = map[string]string{"X-A": strings.Repeat("y", 998)} }},
		{"spaces that folding would lose", "", "", func(e *tasks.Email) { e.Subject = "  a" + strings.Repeat(" ", 200) + "b  " }},
		{"5,000 recipients", "to", "5000 recipients in to, cc and bcc; Gmail takes 100", func(e *tasks.Email) {
			e.To = nil
			for i := range 5000 {
				e.To = append(e.To, fmt.Sprintf("reader%d@example.org", i))
			}
		}},
		{"100 recipients with long names", "", "", func(e *tasks.Email) {
			e.To = nil
			for i := range 100 {
				e.To = append(e.To, fmt.Sprintf("%s <reader%d@example.org>", strings.Repeat("渡辺 ", 20), i))
			}
		}},
		{"a local part outside ASCII", "to[0]", "outside ASCII before the @: Gmail is not known to take it", func(e *tasks.Email) { e.To[0] = "jörg@example.org" }},
		{"a domain outside ASCII", "", "", func(e *tasks.Email) { e.To[0] = "Jörg <joerg@bücher.example>" }},
		{"a file named ../../x", "attachments[0].name", "must be a file's name, without a path", file("../../x")},
		{"a file named by a Windows path", "attachments[0].name", "without a path", file(`C:\x`)},
		{"a file named ..", "attachments[0].name", "without a path", file("..")},
		{"a file named like a header", "", "", file(`x"; filename="y.exe`)},
		{"a file named in Arabic", "", "", file("فاتورة.pdf")},
		{"an image that is no image", "attachments[0].name", "says image/png, and the content is no image", func(e *tasks.Email) {
			e.HTML = `<img src="cid:logo">`
			e.Attachments = []tasks.Attachment{{Name: "logo.png", CID: "logo", Content: []byte("<html>Not found")}}
		}},
		{"a file that is called an image", "", "", file("photo.jpg")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := letter()
			e.ID = "order-1041"
			test.change(&e)
			sent := e
			e.ID = "" // Each is another mail here.
			_, err := client.Enqueue(t.Context(), e)
			if test.field != "" {
				checkProblem(t, err, test.field, test.reason)
				return
			}
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			reread(t, sent)
		})
	}
	t.Cleanup(func() { // Only what went out left anything.
		if n := len(rdb.Keys(context.Background(), "postroom:blob:*").Val()); n != 1 {
			t.Errorf("%d contents are stored, want the one", n)
		}
	})
}

func file(name string) func(*tasks.Email) {
	return func(e *tasks.Email) { e.Attachments = []tasks.Attachment{{Name: name, Content: []byte("x")}} }
}

// whole is a mail that has every field.
const whole = `{"v":1,"id":"order-1041","account":"shop@example.com","from":"shop@example.com","reply_to":["help@example.com"],
"to":["ada@example.org"],"cc":["bob@example.org"],"bcc":["eve@example.org"],"subject":"Hi","text":"Hello","html":"<p>Hello",
"attachments":[{"name":"a.txt","type":"text/plain","cid":"a","blob":"0000000000000000000000000000000000000000000000000000000000000000"}],
"headers":{"X-Tag":"1"},"unsubscribe":{"url":"https://example.com/u","mailto":"leave@example.com"},
"thread":{"id":"18c2","in_reply_to":"<a@b>","references":["<a@b>"]},
"enqueued_at":"2026-11-20T09:30:00Z","expires_at":"2026-11-20T09:30:00Z","on_unknown":"hold"}`

// TestNoFieldIsAHeadersWayIn puts a line break with a header behind it into each
// string of a payload, whatever it is called, and behind each name.
func TestNoFieldIsAHeadersWayIn(t *testing.T) {
	t.Parallel()
	var mail any
	if err := json.Unmarshal([]byte(whole), &mail); err != nil {
		t.Fatal(err)
	}
	var taken []string
	fields := 0
	for _, evil := range []string{"\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "\u0085X-Evil: 1", "\x00X-Evil: 1"} {
		eachString(mail, "", func(path, was string, set func(string)) {
			fields++
			set(was + evil)
			b, err := json.Marshal(mail)
			set(was)
			if err != nil {
				t.Fatal(err)
			}
			e, err := tasks.DecodePayload(b)
			if invalid := (*tasks.InvalidError)(nil); err != nil && !errors.As(err, &invalid) {
				t.Errorf("%s: %v", path, err)
			}
			if err == nil {
				taken = append(taken, path)
				reread(t, e)
			}
		})
	}
	slices.Sort(taken)
	if diff := cmp.Diff([]string{".html", ".text"}, slices.Compact(taken)); diff != "" || fields < 5*22 {
		t.Errorf("%d tried; taken (-want +got):\n%s", fields, diff)
	}
}

// eachString calls do with every string of a JSON value, and every name in its
// headers, and a way to change it.
func eachString(value any, path string, do func(path, was string, set func(string))) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := v[name]
			if s, ok := inner.(string); ok {
				do(path+"."+name, s, func(s string) { v[name] = s })
				if path == ".headers" {
					do(path+" name", name, func(s string) { clear(v); v[s] = inner })
				}
			} else {
				eachString(inner, path+"."+name, do)
			}
		}
	case []any:
		for i, inner := range v {
			if s, ok := inner.(string); ok {
				do(path+"[]", s, func(s string) { v[i] = s })
			} else {
				eachString(inner, path+"[]", do)
			}
		}
	}
}
