package tasks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
)

const plainPayload = `{"v":1,"id":"a","to":["ada@example.org"],"text":"Hello"}`

func TestParseEmail(t *testing.T) {
	t.Parallel()
	e, err := tasks.ParseEmail([]byte(` {"to": "Ada <ada@example.org>", "cc": ["a@example.org", "b@example.org"], "bcc": null,
		"template": "welcome", "data": {"order": 9007199254740993, "price": 1.10, "big": 1e400}, "attachments": [{"path": "a.pdf"}]}` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.To, []string{"Ada <ada@example.org>"}) || !slices.Equal(e.Cc, []string{"a@example.org", "b@example.org"}) || e.Bcc != nil {
		t.Errorf("to %q, cc %q, bcc %q", e.To, e.Cc, e.Bcc)
	}
	encoded, err := e.Encode()
	if err != nil || !bytes.Contains(encoded, []byte(`"data":{"big":1e400,"order":9007199254740993,"price":1.10}`)) {
		t.Errorf("numbers changed: %s, %v", encoded, err)
	}
	if e.Attachments[0].Path != "a.pdf" {
		t.Errorf("attachments %+v, want the path", e.Attachments)
	}
}

func TestParseEmailRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]tasks.Problem{
		``:             {Field: "payload", Reason: "not JSON: it ends too early"},
		`{"to":["a"`:   {Field: "payload", Reason: "not JSON: it ends too early"},
		`null`:         {Field: "payload", Reason: "must be a JSON object"},
		`[]`:           {Field: "payload", Reason: "must be an object, not array"},
		`"zebra"`:      {Field: "payload", Reason: "must be an object, not string"},
		`{} {"to":""}`: {Field: "payload", Reason: "must be one JSON object, and more follows it"},
		`{}}`:          {Field: "payload", Reason: "must be one JSON object, and more follows it"},
		`{"to":}`:      {Field: "payload", Reason: "not JSON: invalid character '}' looking for beginning of value at byte 7"},
		`{to: 1}`:      {Field: "payload", Reason: "not JSON: invalid character 't' looking for beginning of object key string at byte 2"},

		`{"too":"zebra"}`:                                {Field: "too", Reason: "unknown field"},
		`{"zebra@example.org":1}`:                        {Field: "payload", Reason: "has an unknown field"},
		`{"text":"a","attachments":[{},{"id":"zebra"}]}`: {Field: "attachments[1].id", Reason: "unknown field"},
		`{"attachments":[{"content":"zebra"}]}`:          {Field: "attachments[0].content", Reason: "unknown field"},
		`{"unsubscribe":{"URI":"zebra"}}`:                {Field: "unsubscribe.URI", Reason: "unknown field"},
		`{"thread":{"text":"zebra"}}`:                    {Field: "thread.text", Reason: "unknown field"},

		`{"to":5}`:                            {Field: "to", Reason: "must be a list, not number"},
		`{"to":[["zebra"]]}`:                  {Field: "to", Reason: "must be a string, not array"},
		`{"cc":{"zebra":1}}`:                  {Field: "cc", Reason: "must be a list, not object"},
		`{"subject":12345}`:                   {Field: "subject", Reason: "must be a string, not number"},
		`{"v":12345.5}`:                       {Field: "v", Reason: "must be a whole number, not number"},
		`{"headers":{"zebra@example.org":1}}`: {Field: "headers", Reason: "must be a string, not number"},
		`{"headers":{"X-A":"zebra","X-B":5}}`: {Field: "headers.X-B", Reason: "must be a string, not number"},
		`{"headers":{"X-B":[],"X-A":null}}`:   {Field: "headers.X-B", Reason: "must be a string, not array"},
		`{"headers":[]}`:                      {Field: "headers", Reason: "must be an object, not array"},
		`{"attachments":{}}`:                  {Field: "attachments", Reason: "must be a list, not object"},
		`{"attachments":[{"name":1}]}`:        {Field: "attachments.name", Reason: "must be a string, not number"},
		`{"thread":"zebra"}`:                  {Field: "thread", Reason: "must be an object, not string"},
		`{"data":[1]}`:                        {Field: "data", Reason: "must be a JSON object"},
		`{"data":"zebra"}`:                    {Field: "data", Reason: "must be a JSON object"},
		`{"expires_at":"tomorrow"}`:           {Field: "payload", Reason: "enqueued_at and expires_at must be times like 2026-11-20T09:30:00Z (RFC 3339)"},
		`{"enqueued_at":5}`:                   {Field: "payload", Reason: "enqueued_at and expires_at must be times like 2026-11-20T09:30:00Z (RFC 3339)"},
	} {
		_, err := tasks.ParseEmail([]byte(text))
		if got := problems(t, err); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestDecodePayload(t *testing.T) {
	t.Parallel()
	e, err := tasks.DecodePayload([]byte(plainPayload))
	want := tasks.Email{Version: 1, ID: "a", To: tasks.Addresses{"ada@example.org"}, Text: "Hello"}
	if diff := cmp.Diff(want, e); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestDecodePayloadRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]tasks.Problem{
		`{"to":["ada@example.org"],"text":"x"}`:                                        {Field: "v", Reason: "must be 1 to 1"},
		`{"v":0,"to":["ada@example.org"],"text":"x"}`:                                  {Field: "v", Reason: "must be 1 to 1"},
		`{"v":-1,"to":["ada@example.org"],"text":"x"}`:                                 {Field: "v", Reason: "must be 1 to 1"},
		`{"v":1,"to":["ada@example.org"],"text":"x","attachments":[{"name":"a"}]}`:     {Field: "attachments[0].blob", Reason: "missing: a payload names stored content by its SHA-256"},
		`{"v":1,"text":"x"}`:                                                           {Field: "to", Reason: "no recipient: give to, cc or bcc"},
		`{"v":1,"to":["ada@example.org"],"text":"x","foo":1}`:                          {Field: "foo", Reason: "unknown field"},
		`{"v":1,"to":["ada@example.org"],"text":"` + strings.Repeat("x", 1<<20) + `"}`: {Field: "payload", Reason: "1048618 bytes; at most 1048576 are taken"},
		`{"v":1,"to":["ada@example.org"],"template":"x","data":7}`:                     {Field: "data", Reason: "must be a JSON object"},
		`{"v":1`: {Field: "payload", Reason: "not JSON: it ends too early"},
	} {
		_, err := tasks.DecodePayload([]byte(text))
		if got := problems(t, err); len(got) != 1 || got[0] != want {
			t.Errorf("%.80s: %q, want %q", text, got, want)
		}
	}
	path := `{"v":1,"to":["ada@example.org"],"text":"x","attachments":[{"path":"/etc/passwd","blob":"` + strings.Repeat("0", 64) + `"}]}`
	if _, err := tasks.DecodePayload([]byte(path)); err == nil {
		t.Error("a payload with a path was taken")
	}
}

// TestNewerPayload is met during a deploy: it may have anything in it.
func TestNewerPayload(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"v":2,"to":["ada@example.org"],"text":"Hello"}`,
		`{"v":2,"foo":1,"to":7}`,
		`{"foo":1,"v":99}`,
	} {
		if _, err := tasks.DecodePayload([]byte(text)); !errors.Is(err, tasks.ErrNewerVersion) {
			t.Errorf("%s: %v, want ErrNewerVersion", text, err)
		}
	}
}

func TestPayloadHash(t *testing.T) {
	t.Parallel()
	hash := func(text string) string {
		t.Helper()
		e, err := tasks.DecodePayload([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		h, err := tasks.PayloadHash(e)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	const mail = `{"v":1,"id":"a","to":["ada@example.org"],"template":"x","data":{"a":1,"b":2}}`
	want := hash(mail)
	if len(want) != 22 {
		t.Errorf("hash %q, want 128 bits in base64", want)
	}
	for _, same := range []string{
		`{"data":{"b":2,"a":1},"template":"x","to":"ada@example.org","id":"a","v":1}`,
		`{"v":1,"id":"b","to":["ada@example.org"],"template":"x","data":{"a":1,"b":2}}`,
		`{"v":1,"to":["ada@example.org"],"template":"x","data":{"a":1,"b":2},"enqueued_at":"2026-11-20T09:30:00Z","expires_at":"2026-11-21T09:30:00Z"}`,
		`{"v":1,"to":["ada@example.org"],"template":"x","data":{"a":1,"b":2},"on_unknown":"resend"}`,
		`{"v":1,"to":["ada@example.org"],"template":"x","data":{"a":1,"b":2},"on_unknown":"hold"}`,
	} {
		if got := hash(same); got != want {
			t.Errorf("%s has another hash than %s", same, mail)
		}
	}
	for _, other := range []string{
		`{"v":1,"id":"a","to":["ada@example.com"],"template":"x","data":{"a":1,"b":2}}`,
		`{"v":1,"id":"a","cc":["ada@example.org"],"template":"x","data":{"a":1,"b":2}}`,
		`{"v":1,"id":"a","to":["ada@example.org"],"template":"y","data":{"a":1,"b":2}}`,
		`{"v":1,"id":"a","to":["ada@example.org"],"template":"x","data":{"a":1,"b":3}}`,
		`{"v":1,"id":"a","to":["ada@example.org"],"template":"x","data":{"a":1,"b":2},"account":"shop@example.com"}`,
	} {
		if got := hash(other); got == want {
			t.Errorf("%s has the hash of %s", other, mail)
		}
	}
}

// TestHashIsTheSameForProducerAndWorker holds that a worker's hash of a
// payload is what its producer reserved.
func TestHashIsTheSameForProducerAndWorker(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	for name, e := range map[string]tasks.Email{
		"letter": letter(), "everything": everything(),
		"floats": {To: tasks.Addresses{"ada@example.org"}, Template: "x", Data: map[string]any{"a": 1e21, "b": 1e-9, "c": float32(0.1), "d": "<\u2028>"}},
	} {
		r := enqueue(t, client, e)
		got, err := tasks.PayloadHash(decoded(t, rdb, r))
		if err != nil {
			t.Fatal(err)
		}
		var reserved string
		for _, key := range rdb.Keys(t.Context(), "postroom:*:mail:"+r.ID).Val() {
			reserved = rdb.HGet(t.Context(), key, "hash").Val()
		}
		if got != reserved {
			t.Errorf("%s: the worker's hash %s, reserved %s", name, got, reserved)
		}
	}
}

// FuzzDecodePayload holds that no payload crashes a worker, and that what is
// taken can be written, read again and composed.
func FuzzDecodePayload(f *testing.F) {
	golden, err := os.ReadFile("testdata/payload.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	for _, s := range []string{
		plainPayload, `{"v":2}`, `{"v":1,"to":"a@b","text":"x"}`, `{"v":1,"to":["a@b"],"template":"x","data":{"a":{"b":[1,1e9,null,"\ud800"]}}}`,
		`{"v":1,"to":["a@b"],"html":"x","attachments":[{"name":"a","blob":"` + strings.Repeat("0", 64) + `","cid":"c","type":"text/plain; a=\"b c\""}]}`,
		`{"v":1,"to":["a@b"],"text":"\r\n.\r\n","headers":{"X":"y"},"unsubscribe":{"url":"https://a/?b=c","mailto":"a@b?subject=c"},"thread":{"in_reply_to":"<a@b>"}}`,
		`{"v":1,"to":["a@b"],"text":"x","expires_at":"0001-01-01T00:00:00Z","enqueued_at":"9999-12-31T23:59:59.999999999+14:00"}`,
		`{"v":1,"to":["a@b"],"html":"x","attachments":[{"name":"","blob":"` + strings.Repeat("0", 64) + `","type":"t/n;a=\"\""}]}`,
		`{"V":1,"TO":["a@b"],"text":"x","text":"y"}`, `[`, `{"attachments":[null]}`, "{\"v\":1,\"to\":[\"a@b\"],\"text\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := tasks.DecodePayload(b)
		if err != nil {
			var wrong *tasks.InvalidError
			if !errors.As(err, &wrong) && !errors.Is(err, tasks.ErrNewerVersion) {
				t.Fatalf("error %v is no InvalidError", err)
			}
			return
		}
		encoded, err := e.Encode()
		if err != nil {
			t.Fatalf("what was read is not written: %v", err)
		}
		if len(encoded) > tasks.MaxPayload {
			return // Escapes may make it longer.
		}
		again, err := tasks.DecodePayload(encoded)
		if err != nil {
			t.Fatalf("%s was written as %s: %v", b, encoded, err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(encoded, twice) {
			t.Fatalf("%s was written as %s, and then as %s (%v)", b, encoded, twice, err)
		}
		checkHash(t, e, again)
		hasCalendar := func(a tasks.Attachment) bool { return strings.Contains(strings.ToLower(a.Type), "calendar") }
		if e.Template == "" && !slices.ContainsFunc(e.Attachments, hasCalendar) { // Its content is not at hand.
			reread(t, e)
		}
	})
}

// checkHash checks that the hash depends neither on the order of keys nor on
// ID and times.
func checkHash(t *testing.T, e, again tasks.Email) {
	t.Helper()
	want, err := tasks.PayloadHash(e)
	if err != nil {
		t.Fatal(err)
	}
	b, err := again.Encode()
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]json.RawMessage{} // Marshalled in the order of its keys.
	if err := json.Unmarshal(b, &fields); err != nil {
		t.Fatal(err)
	}
	fields["id"], fields["enqueued_at"] = json.RawMessage(`"other"`), json.RawMessage(`"2026-11-20T09:30:00Z"`)
	delete(fields, "expires_at")
	shuffled, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if len(shuffled) > tasks.MaxPayload {
		return
	}
	other, err := tasks.DecodePayload(shuffled)
	if err != nil {
		t.Fatalf("%s: %v", shuffled, err)
	}
	if got, err := tasks.PayloadHash(other); err != nil || got != want {
		t.Fatalf("%s has hash %s (%v), %s has %s", shuffled, got, err, b, want)
	}
}
