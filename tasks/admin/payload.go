package admin

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/postroom/postroom/tasks/redact"
)

// view writes payloads and results for the dashboard, in one line: what has a
// rule in the tables below, as the rule shows it, and of anything else no more
// than how much of it there is.
type view struct{ redact redact.Mode }

// A rule shows one value.
type rule func(v view, value json.RawMessage) any

// A field is a name and how its value is shown.
type field struct {
	name string
	show rule
}

// The payload's fields in the order of its documentation.
var payloadFields = []field{
	{"v", word},
	{"id", word},
	{"account", addresses},
	{"from", addresses},
	{"reply_to", addresses},
	{"to", addresses},
	{"cc", addresses},
	{"bcc", addresses},
	{"subject", onlySize},
	{"text", onlySize},
	{"html", onlySize},
	{"template", word},
	{"locale", word},
	{"data", onlySize},
	{"attachments", list(object(attachmentFields))},
	{"headers", headers},
	{"unsubscribe", object(unsubscribeFields)},
	{"thread", object(threadFields)},
	{"job", word},
	{"row", onlySize},
	{"enqueued_at", word},
	{"expires_at", word},
	{"on_unknown", word},
}

var attachmentFields = []field{{"name", onlySize}, {"type", word}, {"cid", onlySize}, {"blob", word}}

var unsubscribeFields = []field{{"url", site}, {"mailto", mailto}}

var threadFields = []field{{"id", word}, {"in_reply_to", text}, {"references", list(text)}}

// The result's fields have the names that the log has.
var resultFields = []field{
	{"mail_id", word},
	{"account", addresses},
	{"attempt", word},
	{"outcome", word},
	{"gmail_id", word},
	{"thread_id", word},
	{"took_ms", word},
}

// payload is asynqmon's PayloadFormatter.
func (v view) payload(_ string, payload []byte) string {
	return v.document(payload, payloadFields, "not a Postroom payload")
}

// result is asynqmon's ResultFormatter. It is asked about tasks without a
// result too.
func (v view) result(_ string, result []byte) string {
	if len(result) == 0 {
		return ""
	}
	return v.document(result, resultFields, "not a Postroom result")
}

func (v view) document(b []byte, fields []field, otherwise string) string {
	shown, isObject := object(fields)(v, b).(members)
	if !isObject || !utf8.Valid(b) {
		return fmt.Sprintf("(%s, %d bytes)", otherwise, len(b))
	}
	line, err := shown.MarshalJSON()
	if err != nil {
		return fmt.Sprintf("(%s, %d bytes)", otherwise, len(b))
	}
	return string(line)
}
