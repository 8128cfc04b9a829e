package tasks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
)

// TestPayloadNames holds that the table of names is what Email says.
func TestPayloadNames(t *testing.T) {
	t.Parallel()
	want := namesOf("", reflect.TypeFor[tasks.Email]())
	slices.Sort(want)
	got := tasks.PayloadNames()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func namesOf(above string, typ reflect.Type) []string {
	var list []string
	for field := range typ.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		list = append(list, above+name)
		below := field.Type
		if below.Kind() == reflect.Pointer || below.Kind() == reflect.Slice {
			below = below.Elem()
		}
		if below.PkgPath() == typ.PkgPath() && below.Kind() == reflect.Struct {
			list = append(list, namesOf(above+name+".", below)...)
		}
	}
	return list
}

func TestNamesAreExact(t *testing.T) {
	t.Parallel()
	const hash = "0000000000000000000000000000000000000000000000000000000000000000"
	for text, want := range map[string]string{
		`{"v":1,"to":"ada@example.org","To":"eve@example.org","text":"x"}`:       "To: unknown field; write to",
		`{"v":1,"To":"eve@example.org","to":"ada@example.org","text":"x"}`:       "To: unknown field; write to",
		`{"v":1,"to":"ada@example.org","to":"eve@example.org","text":"x"}`:       "to: is there twice",
		`{"v":1,"to":"ada@example.org","t\u006f":"eve@example.org"}`:             "to: is there twice",
		`{"v":1,"TO":"ada@example.org","SUBJECT":"x","TEXT":"x"}`:                "TO: unknown field; write to; SUBJECT: unknown field; write subject; TEXT: unknown field; write text",
		`{"v":1,"to":"ada@example.org","\u017fubject":"x"}`:                      "payload: has an unknown field",
		`{"v":1,"to":"ada@example.org","replyTo":"x","reply-to":"x"}`:            "replyTo: unknown field; write reply_to; reply-to: unknown field; write reply_to",
		`{"v":1,"to":"ada@example.org","lane":"bulk","at":"x","Lane":"x"}`:       "lane: unknown field; give --lane, or OnLane in Go; at: unknown field; give --at, or At in Go; Lane: unknown field",
		`{"V":2,"v":1,"to":"ada@example.org"}`:                                   "V: unknown field; write v",
		`{"V":2,"to":"ada@example.org"}`:                                         "V: unknown field; write v",
		`{"v":1,"v":1,"to":"ada@example.org"}`:                                   "v: is there twice",
		`{"v":1,"unknown":{"a":1},"to":["a@example.org"],"text":"\"}"}`:          "unknown: unknown field",
		`{"v":1,"attachments":[{"blob":"` + hash + `","Name":"a"}]}`:             "attachments[0].Name: unknown field; write name",
		`{"v":1,"attachments":[{},{"name":"a","cid":"","name":"b"}]}`:            "attachments[1].name: is there twice",
		`{"v":1,"thread":{"id":"1","id":"2"}}`:                                   "thread.id: is there twice",
		`{"v":1,"thread":{"In_Reply_To":"<a@b>"}}`:                               "thread.In_Reply_To: unknown field; write in_reply_to",
		`{"v":1,"thread":{"lane":"x"}}`:                                          "thread.lane: unknown field",
		`{"v":1,"unsubscribe":{"url":"https://a.example","URL":"x"}}`:            "unsubscribe.URL: unknown field; write url",
		`{"v":1,"headers":{"X-Tag":"a","X-Other":"b","X-Tag":"c"}}`:              "headers.X-Tag: is there twice",
		`{"v":1,"headers":{"zebra@example.org":"","zebra@example.org":""}}`:      "headers: has a name that is there twice",
		`{"v":1,"data":{"to":"a","To":"b","to":"c"}}`:                            "data.to: is there twice",
		`{"v":1,"data":{"a":{"b":[1,{"c":"\\","c":2}]}}}`:                        "data.a.b[1].c: is there twice",
		`{"v":1,"data":{"zebra@example.org":{"a":1,"a":2}}}`:                     "data: has a name that is there twice",
		"{\"v\":1,\"data\":{\"\xff\":1,\"\ufffd\":2}}":                           "data: has a name that is there twice",
		"{\"v\":1,\"data\":{\"\\ud800\":1,\"\ufffd\":2}}":                        "data: has a name that is there twice",
		`{"v":1,"data":{"a":{"a":{"a":{"a":{"a":{"a":{"b":1,"b":1}}}}}}}}`:       "data.a.a.a.a.a.a.b: is there twice",
		`{"v":1,"data":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"b":1,"b":1}}}}}}}}}`: "data.a.a.a.a.a.a.a: has a name that is there twice",
		"{\t\"v\" : 1 ,\r\n\"text\" : \"\\\\\" , \"text\" :null }":               "text: is there twice",
	} {
		_, parsed := tasks.ParseEmail([]byte(text))
		_, decoded := tasks.DecodePayload([]byte(text))
		for _, err := range []error{parsed, decoded} {
			if err == nil || err.Error() != want || problems(t, err) == nil {
				t.Errorf("%s: %v, want %s", text, err, want)
			}
		}
	}
}

// TestNamesThatAreRight holds what must not be taken for a repetition.
func TestNamesThatAreRight(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&many, `,"n%d":{"a":[],"b":{}}`, i)
	}
	for _, data := range []string{
		`{}`, `{"a":{"a":{"a":1}},"b":{"a":1}}`, `{"a":[{"a":1},{"a":1},[{"a":1}]]}`, `{"a":1,"A":1,"\u0041b":1}`,
		`{"a":"\"a\":1","b":"\\","c":"{\"a\":[","d":"]}"}`, `{"":1,"a":{"":1}}`, `{"v":1` + many.String() + `}`,
		`{"a" : -1.5e+3 , "b":true,"c" :null,"d":false}`,
	} {
		if _, err := tasks.ParseEmail([]byte(`{"to":"ada@example.org","template":"x","data":` + data + `}`)); err != nil {
			t.Errorf("%.100s: %v", data, err)
		}
	}
	_, err := tasks.ParseEmail([]byte(`{"data":{"n7":1` + many.String() + `,"n999":1}}`))
	if got := problems(t, err); len(got) != 2 || got[0].Field != "data.n7" || got[1].Field != "data.n999" {
		t.Errorf("two among a thousand: %q", got)
	}
	_, err = tasks.ParseEmail([]byte(`{"v":1` + many.String() + `}`))
	if got := problems(t, err); len(got) != tasks.MaxNamed {
		t.Errorf("%d of a thousand problems are told of, want %d", len(got), tasks.MaxNamed)
	}
}

// TestDataThatSaysANameTwice is refused by Enqueue too, whatever it is wrapped
// in.
func TestDataThatSaysANameTwice(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	twice := json.RawMessage(`{"name":"Ada","name":"Eve"}`)
	for field, data := range map[string]any{
		"data.name":   twice,
		"data.a.name": map[string]any{"a": twice},
		"data.b.c.name": struct {
			B any `json:"b"`
		}{map[string]any{"c": twice}},
	} {
		_, err := client.Enqueue(t.Context(), tasks.Email{To: tasks.Addresses{"ada@example.org"}, Template: "x", Data: data})
		checkProblem(t, err, field, "is there twice")
	}
	checkEmpty(t, rdb)
}

// FuzzNames holds that exactly those objects are refused in which a name is
// there twice.
func FuzzNames(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"a":2}`, `{"a":{"b":[{"c":1,"c":"\\"}]}}`, `{"a\"":"\\\"","a\u0022":[]}`, "{\"\xff\":1,\"\xfe\":2}", ` { "a" : [ 1 , { } ] } `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if !json.Valid(b) || !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
			return
		}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		want := repeats(t, dec)
		_, err := tasks.ParseEmail(slices.Concat([]byte(`{"data":`), b, []byte(`}`)))
		if got := err != nil; got != want {
			t.Fatalf("%s: %v, a name is there twice: %v", b, err, want)
		}
	})
}

// repeats reads a value token by token, and reports whether a name in it is
// there twice.
func repeats(t *testing.T, dec *json.Decoder) bool {
	t.Helper()
	next := func() json.Token {
		token, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	found := false
	switch next() {
	case json.Delim('{'):
		seen := map[json.Token]bool{}
		for dec.More() {
			name := next()
			found = seen[name] || found
			seen[name] = true
			found = repeats(t, dec) || found
		}
		next()
	case json.Delim('['):
		for dec.More() {
			found = repeats(t, dec) || found
		}
		next()
	}
	return found
}
