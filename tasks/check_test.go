package tasks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
)

// marker stands in each bad value: no error may repeat it.
const marker = "zebra"

func TestBadMail(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	long := strings.Repeat(marker, 200)
	for _, test := range []struct {
		name, field, reason string
		change              func(*tasks.Email)
	}{
		{"no recipient", "to", "no recipient", func(e *tasks.Email) { e.To = nil }},
		{"empty recipient", "to[0]", "is not an address", func(e *tasks.Email) { e.To[0] = "" }},
		{"second of to", "to[1]", "missing '@'", func(e *tasks.Email) { e.To = append(e.To, marker) }},
		{"cc", "cc[0]", "is not an address", func(e *tasks.Email) { e.Cc = tasks.Addresses{"<" + marker} }},
		{"bcc", "bcc[0]", "is not an address", func(e *tasks.Email) { e.Bcc = tasks.Addresses{marker + "@"} }},
		{"reply_to", "reply_to[0]", "is not an address", func(e *tasks.Email) { e.ReplyTo = tasks.Addresses{"@" + marker} }},
		{"from", "from", "is not an address", func(e *tasks.Email) { e.From = marker }},
		{"two in one", "to[0]", "is not an address", func(e *tasks.Email) { e.To[0] = marker + "@example.org, ada@example.org" }},
		{"injected", "to[0]", "line break", func(e *tasks.Email) { e.To[0] = marker + "@example.org\r\nBcc: eve@example.org" }},
		{"101 recipients", "to", "101 recipients", func(e *tasks.Email) {
			for len(e.To)+len(e.Cc)+len(e.Bcc) <= tasks.MaxRecipients {
				e.To, e.Cc, e.Bcc = append(e.To, "a@example.org"), append(e.Cc, "b@example.org"), append(e.Bcc, "c@example.org")
			}
			e.To = e.To[:tasks.MaxRecipients+1-len(e.Cc)-len(e.Bcc)]
		}},
		{"account with a name", "account", "bare address", func(e *tasks.Email) { e.Account = marker + " <shop@example.com>" }},
		{"account", "account", "is not an address", func(e *tasks.Email) { e.Account = marker }},
		{"subject with CR", "subject", "line break", func(e *tasks.Email) { e.Subject = marker + "\rBcc: eve@example.org" }},
		{"subject with LF", "subject", "line break", func(e *tasks.Email) { e.Subject = marker + "\n" }},
		{"subject with NUL", "subject", "control character", func(e *tasks.Email) { e.Subject = marker + "\x00" }},
		{"subject with U+0085", "subject", "control character", func(e *tasks.Email) { e.Subject = marker + "\u0085" }},
		{"subject not UTF-8", "subject", "not UTF-8", func(e *tasks.Email) { e.Subject = marker + "\xff" }},
		{"subject too long", "subject", "1000 bytes; at most 998", func(e *tasks.Email) { e.Subject = long }},
		{"text not UTF-8", "text", "not UTF-8", func(e *tasks.Email) { e.Text = marker + "\xff" }},
		{"html with NUL", "html", "NUL", func(e *tasks.Email) { e.HTML = marker + "\x00" }},
		{"no content", "text", "no content", func(e *tasks.Email) { e.Text = "" }},
		{"data without template", "data", "is for a template", func(e *tasks.Email) { e.Data = map[string]any{marker: 1} }},
		{"locale without template", "locale", "is for a template", func(e *tasks.Email) { e.Locale = "de" }},
		{"template beside text", "template", "cannot stand beside", func(e *tasks.Email) { e.Template = marker }},
		{"template outside", "template", "a name like", func(e *tasks.Email) { e.Template, e.Subject, e.Text = "../"+marker, "", "" }},
		{"template absolute", "template", "a name like", func(e *tasks.Email) { e.Template, e.Subject, e.Text = "/"+marker, "", "" }},
		{"template with a line break", "template", "a name like", func(e *tasks.Email) { e.Template, e.Subject, e.Text = marker+"\n", "", "" }},
		{"locale", "locale", "language tag", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Locale = "welcome", "", "", "../"+marker
		}},
		{"data is a list", "data", "must be a JSON object", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", []string{marker}
		}},
		{"data is a string", "data", "must be a JSON object", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", marker
		}},
		{"data has a channel", "data", "does not encode", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", map[string]any{marker: make(chan int)}
		}},
		{"data is a channel", "data", "does not encode", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", make(chan int)
		}},
		{"data has NaN", "data", "does not encode", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", map[string]any{marker: math.NaN()}
		}},
		{"data fails to marshal", "data", "does not encode", func(e *tasks.Email) {
			e.Template, e.Subject, e.Text, e.Data = "welcome", "", "", map[string]any{"a": unspeakable{}}
		}},
		{"header name", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{marker + "@example.org": "x"} }},
		{"header name with a colon", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{marker + ":": "x"} }},
		{"header name with a line break", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{"X\r\n" + marker: "x"} }},
		{"header without a name", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{"": marker} }},
		{"header name too long", "headers", "a name is", func(e *tasks.Email) { e.Headers = map[string]string{long[:77]: "x"} }},
		{"header with a line break", "headers.X-Tag", "line break", func(e *tasks.Email) { e.Headers = map[string]string{"X-Tag": marker + "\r\nBcc: x"} }},
		{"header too long", "headers.X-Tag", "at most 998", func(e *tasks.Email) { e.Headers = map[string]string{"X-Tag": long} }},
		{"list ID without brackets", "headers.List-Id", "a list's ID", func(e *tasks.Email) { e.Headers = map[string]string{"List-Id": marker} }},
		{"list ID of one word", "headers.list-id", "a list's ID", func(e *tasks.Email) { e.Headers = map[string]string{"list-id": "<" + marker + ">"} }},
		{"list ID with a line break", "headers.List-Id", "line break", func(e *tasks.Email) { e.Headers = map[string]string{"List-Id": marker + "\n <a.b>"} }},
		{"header of ours", "headers.BCC", "written by Postroom", func(e *tasks.Email) { e.Headers = map[string]string{"BCC": marker} }},
		{"header of MIME", "headers.content-type", "written by Postroom", func(e *tasks.Email) { e.Headers = map[string]string{"content-type": marker} }},
		{"on_unknown", "on_unknown", "resend or hold", func(e *tasks.Email) { e.OnUnknown = marker }},
		{"ID", "id", "1 to 128", func(e *tasks.Email) { e.ID = marker + "@example.org" }},
		{"unsubscribe empty", "unsubscribe", "url, mailto or both", func(e *tasks.Email) { e.Unsubscribe = &tasks.Unsubscribe{} }},
		{"unsubscribe.url scheme", "unsubscribe.url", "https or http", unsubscribe("javascript:"+marker, "")},
		{"unsubscribe.url relative", "unsubscribe.url", "https or http", unsubscribe("/"+marker, "")},
		{"unsubscribe.url two", "unsubscribe.url", "https or http", unsubscribe("https://example.com/"+marker+">,<https://example.com", "")},
		{"unsubscribe.url broken", "unsubscribe.url", "https or http", unsubscribe("https://example.com/"+marker+"\r\nX: y", "")},
		{"unsubscribe.url space", "unsubscribe.url", "no space", unsubscribe("https://example.com/ "+marker, "")},
		{"unsubscribe.url bracket", "unsubscribe.url", "angle bracket", unsubscribe("https://example.com/>"+marker, "")},
		{"unsubscribe.url not ASCII", "unsubscribe.url", "non-ASCII", unsubscribe("https://example.com/ä"+marker, "")},
		{"unsubscribe.url at no domain", "unsubscribe.url", "non-ASCII", unsubscribe("https://ä_"+marker+"/", "")},
		{"unsubscribe.mailto not ASCII", "unsubscribe.mailto", "bare address", unsubscribe("", "ä"+marker+"@bücher.example")},
		{"unsubscribe.url long", "unsubscribe.url", "at most 900", unsubscribe("https://example.com/"+long, "")},
		{"unsubscribe.mailto", "unsubscribe.mailto", "bare address", unsubscribe("", marker)},
		{"unsubscribe.mailto with a name", "unsubscribe.mailto", "bare address", unsubscribe("", marker+" <leave@example.com>")},
		{"unsubscribe.mailto two", "unsubscribe.mailto", "bare address", unsubscribe("", "leave@example.com?x=a,"+marker)},
		{"unsubscribe.mailto broken", "unsubscribe.mailto", "bare address", unsubscribe("", "leave@example.com?x=\r\n"+marker)},
		{"unsubscribe.mailto bracket", "unsubscribe.mailto", "angle bracket", unsubscribe("", "leave@example.com?x=>"+marker)},
		{"thread.id", "thread.id", "Gmail thread ID", func(e *tasks.Email) { e.Thread = &tasks.Thread{ID: marker + "\n"} }},
		{"thread.in_reply_to", "thread.in_reply_to", "like <id@", func(e *tasks.Email) { e.Thread = &tasks.Thread{InReplyTo: marker + "@example.org"} }},
		{"thread.in_reply_to space", "thread.in_reply_to", "no space", func(e *tasks.Email) { e.Thread = &tasks.Thread{InReplyTo: "<" + marker + " @example.org>"} }},
		{"thread.references", "thread.references[1]", "like <id@", func(e *tasks.Email) {
			e.Thread = &tasks.Thread{References: []string{"<1@example.org>", "<" + marker + ">\r\n<2@example.org>"}}
		}},
		{"thread.references long", "thread.references[0]", "at most 900", func(e *tasks.Email) {
			e.Thread = &tasks.Thread{References: []string{"<" + long + "@example.org>"}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := letter()
			test.change(&e)
			_, err := client.Enqueue(t.Context(), e)
			checkProblem(t, err, test.field, test.reason)
			if strings.Contains(err.Error(), marker) || strings.Contains(err.Error(), "example.org>") && !strings.Contains(err.Error(), "like") {
				t.Errorf("the error repeats what was given: %v", err)
			}
			if !strings.HasPrefix(err.Error(), test.field+": ") {
				t.Errorf("error %q, want field and reason", err)
			}
		})
	}
	t.Cleanup(func() {
		keys, err := rdb.Keys(context.Background(), "*").Result() // The test's own context is over.
		if err != nil || len(keys) > 0 {
			t.Errorf("keys in Redis: %q (%v), want none", keys, err)
		}
	})
}

// TestProblemsHaveAnOrder holds that the same mail has the same error again.
func TestProblemsHaveAnOrder(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t))
	e := letter()
	e.Headers = map[string]string{"To": "x", "Cc": "x", "X-B": "\n", "X-A": "\n", "Subject": "x", "X-Fine": "x"}
	for range 20 {
		_, err := client.Enqueue(t.Context(), e)
		list := problems(t, err)
		if !slices.IsSortedFunc(list, func(a, b tasks.Problem) int { return strings.Compare(a.Field, b.Field) }) || len(list) != 5 {
			t.Fatalf("problems %q, want five in order", list)
		}
	}
}

// unspeakable fails to marshal with an error that repeats content.
type unspeakable struct{}

func (unspeakable) MarshalJSON() ([]byte, error) { return nil, fmt.Errorf("no %s", marker) }

func unsubscribe(url, mailto string) func(*tasks.Email) {
	return func(e *tasks.Email) { e.Unsubscribe = &tasks.Unsubscribe{URL: url, Mailto: mailto} }
}

// TestGoodMail holds what has to be taken, and that a worker can compose it.
func TestGoodMail(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t))
	for name, change := range map[string]func(*tasks.Email){
		"plain":        func(*tasks.Email) {},
		"bare address": func(e *tasks.Email) { e.To = tasks.Addresses{"ada@example.org"} },
		"several":      func(e *tasks.Email) { e.To = tasks.Addresses{"a@example.org", "b@example.org", "Ada <c@example.org>"} },
		"bcc alone":    func(e *tasks.Email) { e.To, e.Bcc = nil, tasks.Addresses{"ada@example.org"} },
		"cc alone":     func(e *tasks.Email) { e.To, e.Cc = nil, tasks.Addresses{"ada@example.org"} },
		"100 recipients": func(e *tasks.Email) {
			e.To = strings.Split(strings.Repeat("ada@example.org ", 99)+"ada@example.org", " ")
		},
		"plus address":    func(e *tasks.Email) { e.To = tasks.Addresses{"ada+shop@example.org"} },
		"name in German":  func(e *tasks.Email) { e.To = tasks.Addresses{"Jürgen Müller <juergen@example.org>"} },
		"name in Arabic":  func(e *tasks.Email) { e.To = tasks.Addresses{"ليلى <layla@example.org>"} },
		"name in Chinese": func(e *tasks.Email) { e.To = tasks.Addresses{"王小明 <wang@example.org>"} },
		"name with emoji": func(e *tasks.Email) { e.To = tasks.Addresses{"Ada 👩‍💻 <ada@example.org>"} },
		"quoted name":     func(e *tasks.Email) { e.To = tasks.Addresses{`"Lovelace, Ada" <ada@example.org>`} },
		"encoded name":    func(e *tasks.Email) { e.To = tasks.Addresses{"=?utf-8?q?J=C3=BCrgen?= <j@example.org>"} },
		"comment":         func(e *tasks.Email) { e.To = tasks.Addresses{"ada@example.org (Ada)"} },
		"odd dots":        func(e *tasks.Email) { e.To = tasks.Addresses{`"ada..l."@example.org`} },
		"odd characters":  func(e *tasks.Email) { e.To = tasks.Addresses{"o'brien_{x}/y!#$%&*=?^`|~-@example.org"} },
		"xn--":            func(e *tasks.Email) { e.To = tasks.Addresses{"info@xn--bcher-kva.example"} },
		"long but right": func(e *tasks.Email) {
			e.To = tasks.Addresses{strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 61)+".", 3) + "org"}
		},
		"subject in Japanese": func(e *tasks.Email) { e.Subject = "ご注文ありがとうございます" },
		"no subject":          func(e *tasks.Email) { e.Subject = "" },
		"html alone":          func(e *tasks.Email) { e.Text, e.HTML = "", "<p>Hello" },
		"text and html":       func(e *tasks.Email) { e.HTML = "<p>Hello" },
		"lines of any kind":   func(e *tasks.Email) { e.Text = "a\rb\nc\r\nd\te" + strings.Repeat("x", 2000) },
		"headers": func(e *tasks.Email) {
			e.Headers = map[string]string{"X-Tag": "Überraschung", "Auto-Submitted": "auto-generated", "List-Id": "<news.example.com>", "Precedence": "bulk"}
		},
		"list ID":                func(e *tasks.Email) { e.Headers = map[string]string{"List-Id": "Neues für Ada <news.example.com>"} },
		"unsubscribe":            unsubscribe("https://example.com/u?id=1&t=%20", "leave@example.com?subject=leave%20now"),
		"domain in German":       func(e *tasks.Email) { e.To = tasks.Addresses{"info@bücher.example"} },
		"unsubscribe by mailto":  unsubscribe("", "mailto:leave@example.com"),
		"unsubscribe by http":    unsubscribe("http://127.0.0.1:8000/u", ""),
		"thread":                 func(e *tasks.Email) { e.Thread = &tasks.Thread{ID: "18c2f1a", InReplyTo: "<CA+1@mail.gmail.com>"} },
		"thread by references":   func(e *tasks.Email) { e.Thread = &tasks.Thread{References: []string{"<a$b@c>", "<1.2@[127.0.0.1]>"}} },
		"empty thread":           func(e *tasks.Email) { e.Thread = &tasks.Thread{} },
		"attachment in Cyrillic": func(e *tasks.Email) { e.Attachments = []tasks.Attachment{{Name: "счёт.pdf", Content: []byte("x")}} },
		"attachment with a space": func(e *tasks.Email) {
			e.Attachments = []tasks.Attachment{{Name: "my file (1).pdf", Content: []byte("x")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := letter()
			change(&e)
			if _, err := client.Enqueue(t.Context(), e); err != nil {
				t.Errorf("Enqueue: %v", err)
			}
			if _, err := mailer.Compose(draft(t, e)); err != nil {
				t.Errorf("Compose: %v", err)
			}
		})
	}
}

// TestTemplateData holds what a template's data may be given as.
func TestTemplateData(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	var none map[string]string
	for _, test := range []struct {
		data any
		want string
	}{
		{nil, ""},
		{map[string]any(nil), ""},
		{none, ""},
		{(*struct{})(nil), ""},
		{map[string]any{}, `"data":{}`},
		{struct{}{}, `"data":{}`},
		{map[string]int{"b": 1, "a": 2}, `"data":{"a":2,"b":1}`},
		{&struct{ A, b int }{1, 2}, `"data":{"A":1}`},
		{map[string]any{"html": "<&>"}, `"data":{"html":"<&>"}`},
	} {
		e := tasks.Email{To: tasks.Addresses{"ada@example.org"}, Template: "welcome", Data: test.data}
		r := enqueue(t, client, e)
		payload := string(taskOf(t, rdb, r).Payload)
		if test.want == "" && strings.Contains(payload, `"data"`) || !strings.Contains(payload, test.want) {
			t.Errorf("data %#v: payload %s, want %s", test.data, payload, test.want)
		}
	}
}

// TestHeadersThatTheComposerWrites holds that both wings refuse the same ones.
func TestHeadersThatTheComposerWrites(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t))
	for _, name := range []string{
		"From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "MIME-Version", "In-Reply-To", "References",
		"List-Unsubscribe", "List-Unsubscribe-Post", "X-Postroom-ID", "Return-Path", "Received", "Received-SPF", "Delivered-To",
		"Authentication-Results", "DKIM-Signature", "DomainKey-Signature", "Content-ID", "Resent-To", "ARC-Seal",
		"X-Tag", "List-Id", "Precedence", "Auto-Submitted", "Contents", "Archive", "Importance",
	} {
		e := letter()
		e.Headers = map[string]string{name: "<value.example.com>"}
		_, err := client.Enqueue(t.Context(), e)
		if refused := err != nil; refused != mailer.ReservedHeader(name) {
			t.Errorf("%s: refused at Enqueue: %v, by the composer: %v", name, refused, !refused)
		}
	}
}

// TestCharactersOfAnID tries each byte as an ID.
func TestCharactersOfAnID(t *testing.T) {
	t.Parallel()
	const right = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
	for c := range 128 {
		id := string(rune(c))
		payload, err := json.Marshal(map[string]any{"v": 1, "id": id, "to": "ada@example.org", "text": "x"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tasks.DecodePayload(payload)
		if want := strings.Contains(right, id); (err == nil) != want {
			t.Errorf("ID %q: %v; want it taken: %v", id, err, want)
		}
	}
	if _, err := tasks.DecodePayload([]byte(`{"v":1,"id":"a\u00e9","to":"ada@example.org","text":"x"}`)); err == nil {
		t.Error("an ID with é was taken")
	}
}
