package admin_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/admin"
	"github.com/postroom/postroom/tasks/redact"
)

func TestShowPayload(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 150)
	blob := strings.Repeat("0a", 32)
	for _, tt := range []struct {
		name, payload string
		mode          redact.Mode
		want          string
	}{
		{
			"the envelope", `{"to":["Ada <ada@example.org>","bob@example.net"],"id":"order-1","v":1,"account":"shop@example.com","from":"Shop <shop@example.com>"}`, redact.Mask,
			`{"v":1,"id":"order-1","account":"s***@example.com","from":"s***@example.com","to":["a***@example.org","b***@example.net"]}`,
		},
		{
			"in full", `{"v":1,"to":["Ada <ada@example.org>"],"text":"Dear Ada"}`, redact.Full,
			`{"v":1,"to":["Ada <ada@example.org>"],"text":"(8 bytes)"}`,
		},
		{
			"without addresses", `{"to":["Ada <ada@example.org>"],"headers":{"X-By":"ada@example.org"}}`, redact.None,
			`{"to":["***"],"headers":{"X-By":"***"}}`,
		},
		{
			"one address", `{"to":"ada@example.org","reply_to":"x@example.org","cc":[],"bcc":[1]}`, redact.Mask,
			`{"reply_to":"x***@example.org","to":"a***@example.org","cc":[],"bcc":["(1 bytes)"]}`,
		},
		{"no address", `{"to":["dear reader of this"],"from":{"a":1}}`, redact.Mask, `{"from":"(7 bytes)","to":["***"]}`},
		{
			"content", `{"subject":"Hi Ada","text":"Dear Ada","html":"<p>Dear Ada","data":{"name":"Ada"},"row":{"name":"Ada"}}`, redact.Mask,
			`{"subject":"(6 bytes)","text":"(8 bytes)","html":"(11 bytes)","data":"(14 bytes)","row":"(14 bytes)"}`,
		},
		{
			"a template", `{"template":"billing/receipt","locale":"de-AT","job":"news-2026-11","on_unknown":"hold","enqueued_at":"2026-11-20T09:30:00.5Z","expires_at":"2026-11-21T09:30:00+01:00"}`, redact.Mask,
			`{"template":"billing/receipt","locale":"de-AT","job":"news-2026-11","enqueued_at":"2026-11-20T09:30:00.5Z","expires_at":"2026-11-21T09:30:00+01:00","on_unknown":"hold"}`,
		},
		{
			"words that are none", `{"v":"ada@example.org","id":"Dear Ada","template":"a%40b","locale":["x"],"job":""}`, redact.Mask,
			`{"v":"(15 bytes)","id":"(8 bytes)","template":"(5 bytes)","locale":"(5 bytes)","job":"(0 bytes)"}`,
		},
		{
			"attachments", `{"attachments":[{"name":"Ada.pdf","type":"application/pdf","cid":"ada","blob":"` + blob + `","path":"/home/ada"},7]}`, redact.Mask,
			`{"attachments":[{"name":"(7 bytes)","type":"application/pdf","cid":"(3 bytes)","blob":"` + blob + `","others":"(1)"},"(1 bytes)"]}`,
		},
		{
			"headers", `{"headers":{"X-B":"for Ada <ada@example.org>","X-A":"1","ada@example.org":"1","X-L":"` + long + `","X-N":3}}`, redact.Mask,
			`{"headers":{"X-A":"1","X-B":"for Ada <a***@example.org>","X-L":"` + long[:200] + `…","X-N":"(1 bytes)","others":"(1)"}}`,
		},
		{"headers that are none", `{"headers":["ada@example.org"]}`, redact.Mask, `{"headers":"(19 bytes)"}`},
		{
			"unsubscribe", `{"unsubscribe":{"url":"https://ada:pw@example.org:8443/u/ada@example.org?t=1","mailto":"mailto:ada@example.org?subject=Dear"}}`, redact.Mask,
			`{"unsubscribe":{"url":"https://example.org:8443/…","mailto":"a***@example.org"}}`,
		},
		{
			"bad unsubscribe", `{"unsubscribe":{"url":"ada@example.org","mailto":7}}`, redact.Mask,
			`{"unsubscribe":{"url":"(15 bytes)","mailto":"(1 bytes)"}}`,
		},
		{
			"a thread", `{"thread":{"id":"18c0ffee","in_reply_to":"<CAF1@mail.gmail.com>","references":["<CAF1@mail.gmail.com>"]}}`, redact.Mask,
			`{"thread":{"id":"18c0ffee","in_reply_to":"<C***@mail.gmail.com>","references":["<C***@mail.gmail.com>"]}}`,
		},
		{"unknown fields", `{"v":1,"To":"ada@example.org","ada@example.org":1}`, redact.Mask, `{"v":1,"others":"(2)"}`},
		{"unseen characters", `{"headers":{"X":"a\u202eb\u0000c\nd"}}`, redact.Mask, `{"headers":{"X":"a` + "\uFFFDb\uFFFDc\uFFFD" + `d"}}`},
		{"nothing", `{}`, redact.Mask, `{}`},
		{"null", `{"to":null,"headers":null,"data":null}`, redact.Mask, `{"to":"(4 bytes)","data":"(4 bytes)","headers":"(4 bytes)"}`},

		{"a list", `["ada@example.org"]`, redact.Mask, "(not a Postroom payload, 19 bytes)"},
		{"no JSON", "Dear Ada", redact.Full, "(not a Postroom payload, 8 bytes)"},
		{"JSON null", "null", redact.Mask, "(not a Postroom payload, 4 bytes)"},
		{"more than one", `{"v":1}{"v":1}`, redact.Mask, "(not a Postroom payload, 14 bytes)"},
		{"not UTF-8", "{\"v\":\"\xff\"}", redact.Mask, "(not a Postroom payload, 9 bytes)"},
		{"empty", "", redact.Mask, "(not a Postroom payload, 0 bytes)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := admin.ShowPayload(tt.mode, []byte(tt.payload)); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestShowPayloadShortensLists(t *testing.T) {
	t.Parallel()
	many := `{"to":["ada@example.org"` + strings.Repeat(`,"ada@example.org"`, 149) + `]}`
	got := admin.ShowPayload(redact.Mask, []byte(many))
	if strings.Count(got, "a***@example.org") != 100 || !strings.HasSuffix(got, `,"(50 more)"]}`) {
		t.Errorf("150 addresses are shown as %s", got)
	}
}

func TestShowResult(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ result, want string }{
		{"", ""},
		{
			`{"gmail_id":"18c0","thread_id":"18c1","account":"shop@example.com","attempt":2,"outcome":"sent","took_ms":312,"mail_id":"m","text":"Dear"}`,
			`{"mail_id":"m","account":"s***@example.com","attempt":2,"outcome":"sent","gmail_id":"18c0","thread_id":"18c1","took_ms":312,"others":"(1)"}`,
		},
		{"ada@example.org", "(not a Postroom result, 15 bytes)"},
	} {
		if got := admin.ShowResult(redact.Mask, []byte(tt.result)); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.result, got, tt.want)
		}
	}
}

// A field that the payload gains must get a rule here, or the dashboard only
// counts it.
func TestEveryFieldOfThePayloadHasARule(t *testing.T) {
	t.Parallel()
	names := func(v any) []string {
		var list []string
		for f := range reflect.TypeOf(v).Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
				list = append(list, name)
			}
		}
		return list
	}
	check := func(within string, all []string, never string) {
		t.Helper()
		for _, name := range all {
			object := `{"` + name + `":""}`
			if within != "" {
				object = `{"` + within + `":` + object + `}`
			}
			object = strings.Replace(object, `{"attachments":{`, `{"attachments":[{`, 1)
			if strings.Contains(object, "[") {
				object = strings.Replace(object, "}}", "}]}", 1)
			}
			got := admin.ShowPayload(redact.Mask, []byte(object))
			if strings.Contains(got, `"others"`) != (name == never) {
				t.Errorf("%s is shown as %s", object, got)
			}
		}
	}
	check("", names(tasks.Email{}), "")
	check("attachments", names(tasks.Attachment{}), "path")
	check("unsubscribe", names(tasks.Unsubscribe{}), "")
	check("thread", names(tasks.Thread{}), "")
}

// exposed matches an @ behind what could be a local part's last character.
var exposed = regexp.MustCompile(`[A-Za-z0-9._+\x{80}-\x{10FFFF}-](?:@|%40)`)

func FuzzShowPayload(f *testing.F) {
	f.Add([]byte(lovelace))
	f.Add([]byte(`{"headers":{"a@b":"c@d \"e f\"@g","X":"\u0040a@b"},"unsubscribe":{"url":"https://a@b/c@d","mailto":"a@b"}}`))
	f.Add([]byte(`{"to":{"to":"a@b"},"attachments":[{"name":"a@b"}],"thread":{"references":["<a@b>"]}}`))
	f.Add([]byte(`{"headers":{"X":"\u000a@"}}`))
	f.Add([]byte(`[1`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, mode := range []redact.Mode{redact.Mask, redact.None} {
			for _, got := range []string{admin.ShowPayload(mode, payload), admin.ShowResult(mode, payload)} {
				if exposed.MatchString(got) {
					t.Errorf("%v: %s\nshows an address: %s", mode, payload, got)
				}
				if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%s\nis not shown in one printable line: %q", payload, got)
				}
				if got != "" && got[0] != '(' && !json.Valid([]byte(got)) {
					t.Errorf("%s\nis not shown as JSON: %s", payload, got)
				}
			}
		}
	})
}

// Two mails that differ only in what must not show look the same.
func FuzzShowPayloadHides(f *testing.F) {
	f.Add("da.lovelace", "Dear Ada,\nyour code is 4711.")
	f.Add("o'brien", `"},"to":"x@y`)
	f.Add("x", "\u2028 </script>")
	plain := regexp.MustCompile(`^[A-Za-z0-9!$&'*+=^_{|}~-]+$`)
	f.Fuzz(func(t *testing.T, rest, body string) {
		if !plain.MatchString(rest) {
			return
		}
		show := func(mode redact.Mode, rest, body string) string {
			address := "a" + rest + "@example.org"
			payload, err := json.Marshal(map[string]any{
				"v": 1, "id": "mail-1", "account": address, "from": address,
				"to": []string{address, "Ada <" + address + ">"}, "cc": address, "bcc": []string{address},
				"reply_to": []string{address}, "subject": body, "text": body, "html": body,
				"data": body, "row": body, "headers": map[string]string{"X-For": "Ada <" + address + ">"},
				"unsubscribe": map[string]string{"url": "https://example.org/" + address, "mailto": "mailto:" + address + "?body=" + body},
				"attachments": []any{map[string]string{"name": body, "cid": body}},
				"thread":      map[string]any{"in_reply_to": "<" + address + ">", "references": []string{"<" + address + ">"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return admin.ShowPayload(mode, payload)
		}
		for _, mode := range []redact.Mode{redact.Mask, redact.None} {
			body := strings.ToValidUTF8(body, "?")
			other := strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' {
					return 'z'
				}
				return r
			}, body)
			if a, b := show(mode, rest, body), show(mode, strings.Repeat("z", len(rest)), other); a != b {
				t.Errorf("%v: these differ:\n%s\n%s", mode, a, b)
			}
		}
	})
}
