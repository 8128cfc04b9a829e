package tasks

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
)

const (
	// TypeDeliver is the asynq task type of a mail.
	TypeDeliver = "email:deliver"
	// PayloadVersion is the payload's version that this package writes and the
	// newest that it reads.
	PayloadVersion = 1
	// MaxPayload is how large a payload may be, in bytes. What is larger
	// belongs into an attachment.
	MaxPayload = 1 << 20
)

// ErrNewerVersion is returned by DecodePayload for a payload that a newer
// Postroom wrote: a deploy is in progress.
var ErrNewerVersion = errors.New("payload of a newer version")

// ParseEmail reads an Email as other programs write it: a JSON object with the
// payload's names. A name that is not exactly one of these, one that is there
// twice, also within data and headers, or data that is no object, is an
// *InvalidError.
func ParseEmail(b []byte) (Email, error) {
	var e Email
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&e); err != nil {
		return Email{}, jsonError(err, b)
	}
	if !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return Email{}, invalid("payload", "must be a JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Email{}, invalid("payload", "must be one JSON object, and more follows it")
	}
	if wrong := wrongNames(b, payloadNames); wrong != nil {
		return Email{}, wrong.err()
	}
	if e.Data != nil {
		if _, isObject := e.Data.(map[string]any); !isObject {
			return Email{}, invalid("data", "must be a JSON object")
		}
	}
	return e, nil
}

// ParseData reads a template's data as it would stand in a payload: a JSON object,
// in which no name is there twice and numbers keep their digits. Anything else is
// an *InvalidError.
func ParseData(b []byte) (map[string]any, error) {
	if !json.Valid(b) {
		return nil, invalid("data", `is not JSON; must be an object like {"name":"Ada"}`)
	}
	e, err := ParseEmail(slices.Concat([]byte(`{"data":`), b, []byte(`}`)))
	if err != nil {
		return nil, err
	}
	data, isObject := e.Data.(map[string]any)
	if !isObject { // Only null is left.
		return nil, invalid("data", "must be a JSON object")
	}
	return data, nil
}

// DecodePayload reads a task's payload as a worker does: what Enqueue refuses
// is refused here too, since another program may have written it.
func DecodePayload(b []byte) (Email, error) {
	if len(b) > MaxPayload {
		return Email{}, invalid("payload", "%d bytes; at most %d are taken", len(b), MaxPayload)
	}
	e, err := ParseEmail(b)
	if newer := checkVersion(b, e, err); newer != nil {
		return Email{}, newer
	}
	if err != nil {
		return Email{}, err
	}
	var p problems
	if e.Version < 1 {
		p.addf("v", "must be 1 to %d", PayloadVersion)
	}
	for i, a := range e.Attachments {
		if a.Path != "" || a.Blob == "" {
			p.addf(fmt.Sprintf("attachments[%d].blob", i), "missing: a payload names stored content by its SHA-256")
		}
		if a.Name == "" {
			p.addf(fmt.Sprintf("attachments[%d].name", i), "missing")
		}
	}
	e.check(&p)
	return e, p.err()
}

// checkVersion tells a payload of a newer version from a wrong one: a newer one
// has fields that this version does not know, or means others by them.
func checkVersion(b []byte, e Email, parseErr error) error {
	version := e.Version
	if parseErr != nil {
		var head map[string]json.RawMessage // A struct would take V for v.
		var v int
		if json.Unmarshal(b, &head) != nil || json.Unmarshal(head["v"], &v) != nil {
			return nil //nolint:nilerr // Not even that can be read: parseErr says what it is.
		}
		version = v
	}
	if version > PayloadVersion {
		return fmt.Errorf("%w: v %d, this worker knows %d", ErrNewerVersion, version, PayloadVersion)
	}
	return nil
}

// encode writes the payload.
func (e *Email) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, invalid("data", "%v", errNotJSON)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// PayloadHash stands for the mail that a payload asks for: the same mail has
// the same hash whatever its ID, whenever and on whatever lane it is enqueued.
// The rule for an unknown outcome is not in it, as lane and times are not: a
// producer and a worker, who find the lane's rule or none, have to agree.
func PayloadHash(e Email) (string, error) {
	e.ID, e.EnqueuedAt, e.ExpiresAt, e.OnUnknown = "", time.Time{}, time.Time{}, ""
	b, err := e.encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:16]), nil
}

// hashLen is the length of a PayloadHash.
const hashLen = 22

// TaskHash is the PayloadHash of what a task's mail was asked for as: of a frozen
// one, whose payload does not tell, the task does.
func TaskHash(t *asynq.Task, e Email) (string, error) {
	if asked := t.Headers()[askedHeader]; len(asked) == hashLen {
		return asked, nil
	}
	return PayloadHash(e)
}

// jsonError says in the payload's words what encoding/json found in b.
func jsonError(err error, b []byte) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := wrong.Field
		if field == "" {
			field = "payload"
		}
		if field == "headers" && wrong.Type.Kind() == reflect.String {
			return wrongHeader(b)
		}
		got, _, _ := strings.Cut(wrong.Value, " ") // What follows a space is content.
		return invalid(field, "must be %s, not %s", inJSON(wrong.Type.Kind().String()), got)
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return invalid("payload", "not JSON: %v at byte %d", syntax, syntax.Offset)
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok || strings.HasPrefix(err.Error(), "Time.UnmarshalJSON: ") {
		return invalid("payload", "enqueued_at and expires_at must be times like 2026-11-20T09:30:00Z (RFC 3339)")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return invalid("payload", "not JSON: it ends too early")
	}
	return invalid("payload", "not JSON: %v", err)
}

// wrongHeader names the header whose value is no string, which encoding/json
// does not.
func wrongHeader(b []byte) error {
	var mail struct {
		Headers map[string]json.RawMessage `json:"headers"`
	}
	_ = json.Unmarshal(b, &mail) // It is JSON, and there are headers.
	for _, name := range slices.Sorted(maps.Keys(mail.Headers)) {
		var s string
		wrong, _ := errors.AsType[*json.UnmarshalTypeError](json.Unmarshal(mail.Headers[name], &s))
		switch {
		case wrong == nil:
		case isHeaderName(name):
			return invalid("headers."+name, "must be a string, not %s", wrong.Value)
		default:
			return invalid("headers", "must be a string, not %s", wrong.Value)
		}
	}
	return invalid("headers", "must be an object of strings")
}

// inJSON names a Go kind as JSON does.
func inJSON(kind string) string {
	switch kind {
	case "struct", "map":
		return "an object"
	case "slice":
		return "a list"
	case "int":
		return "a whole number"
	default:
		return "a " + kind
	}
}
