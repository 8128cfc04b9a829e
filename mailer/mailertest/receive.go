package mailertest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/postroom/postroom/mailer"
)

// A Form is how a mail came.
type Form string

// The forms of users.messages.send.
const (
	FormRaw       Form = "raw"       // JSON with the message as base64url.
	FormMedia     Form = "media"     // The message alone.
	FormMultipart Form = "multipart" // JSON and message in one request.
	FormResumable Form = "resumable" // Several requests.
)

// submission is a mail as it was handed in.
type submission struct {
	form         Form
	raw          []byte
	threadID, id string
}

// receive reads what the client hands in. Where that is no whole mail it
// returns the answer to it instead.
func (f *Fake) receive(w http.ResponseWriter, r *http.Request, a *account) (*submission, Fault) {
	query := r.URL.Query()
	if query.Get("upload_id") != "" || query.Get("uploadType") == "resumable" {
		return f.resume(w, r, a)
	}
	body, refusal := readBody(w, r)
	if refusal.ends() {
		return nil, refusal
	}
	var sub *submission
	switch {
	case !strings.HasPrefix(r.URL.Path, "/upload/"):
		sub, refusal = fromJSON(body)
	case query.Get("uploadType") == "media":
		sub, refusal = fromMedia(body, r.Header.Get("Content-Type"))
	case query.Get("uploadType") == "multipart":
		sub, refusal = fromMultipart(body, r.Header.Get("Content-Type"))
	default:
		refusal = failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "badRequest",
			"Invalid upload request: unknown uploadType")
	}
	if sub != nil && len(sub.raw) > mailer.MaxSize {
		return nil, TooLarge()
	}
	return sub, refusal
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, Fault) {
	in := http.MaxBytesReader(w, r.Body, maxBody)
	body := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), maxBody)+bytes.MinRead))
	if _, err := body.ReadFrom(in); err != nil {
		if tooLong(err) {
			return nil, TooLarge()
		}
		return nil, Cut() // The client went away in the middle.
	}
	return body.Bytes(), Fault{}
}

// metadata is the part of the Message resource that a send reads.
type metadata struct {
	Raw      string `json:"raw"`
	ThreadID string `json:"threadId"`
}

func fromJSON(body []byte) (*submission, Fault) {
	encoded, rest, quick := cutRaw(body)
	var m metadata
	if err := json.Unmarshal(rest, &m); err != nil {
		return nil, failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "parseError", "Parse Error")
	}
	if !quick {
		encoded = []byte(m.Raw)
	}
	raw := make([]byte, base64.URLEncoding.DecodedLen(len(encoded)))
	n, err := base64.URLEncoding.Decode(raw, encoded)
	if err != nil {
		return nil, InvalidArgument("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed")
	}
	return &submission{form: FormRaw, raw: raw[:n], threadID: m.ThreadID}, Fault{}
}

// cutRaw takes the value of raw out of a body that begins with it, as Google's
// client and ours write it, and returns the rest as JSON: a JSON parser takes
// longer over megabytes of base64 than all else here together.
func cutRaw(body []byte) (encoded, rest []byte, ok bool) {
	const start = `{"raw":"`
	value, found := bytes.CutPrefix(body, []byte(start))
	end := bytes.IndexByte(value, '"')
	if !found || end < 0 || bytes.IndexByte(value[:end], '\\') >= 0 {
		return nil, body, false
	}
	rest = append([]byte{'{'}, bytes.TrimPrefix(bytes.TrimLeft(value[end+1:], " \r\n"), []byte{','})...)
	return value[:end], rest, true
}

func fromMedia(body []byte, contentType string) (*submission, Fault) {
	if !strings.HasPrefix(contentType, "message/") {
		return nil, failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "badContent",
			"Media type '"+contentType+"' is not supported. Valid media types: [message/*]")
	}
	return &submission{form: FormMedia, raw: body}, Fault{}
}

// fromMultipart reads multipart/related: a part of JSON, then the message.
func fromMultipart(body []byte, contentType string) (*submission, Fault) {
	malformed := failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "badRequest", "Malformed multipart body.")
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "multipart/related" {
		return nil, malformed
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	head, err := parts.NextRawPart()
	if err != nil {
		return nil, malformed
	}
	var m metadata
	if err := json.NewDecoder(head).Decode(&m); err != nil {
		return nil, malformed
	}
	media, err := parts.NextRawPart()
	if err != nil {
		return nil, malformed
	}
	raw := bytes.NewBuffer(make([]byte, 0, len(body)))
	if _, err := raw.ReadFrom(media); err != nil {
		return nil, malformed
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		return nil, malformed
	}
	sub, refusal := fromMedia(raw.Bytes(), media.Header.Get("Content-Type"))
	if sub != nil {
		sub.form, sub.threadID = FormMultipart, m.ThreadID
	}
	return sub, refusal
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // Strings always marshal.
		return `""`
	}
	return string(b)
}
