package gmail

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/postroom/postroom/mailer"
)

const (
	// maxRaw is the largest message in bytes that goes as JSON. Google means
	// raw for about 5 MB; the upload has no third of base64 on top.
	maxRaw = 4 << 20

	userAgent = "postroom (+https://github.com/postroom/postroom)"
)

// body is a request's body that can be read again from its start: net/http
// asks for that when it takes another connection for it (see the package's
// documentation).
type body struct {
	contentType  string
	head, tail   string
	message      func() io.Reader
	writeMessage func(to io.Writer) error
	messageSize  int64
}

// maxWhole is the largest body that is built before it is sent. net/http writes
// it in one system call with its header; a body that it has to read goes by
// itself, through a buffer of its own.
const maxWhole = 16 << 10

// opener returns what opens the body, any number of times.
func (b *body) opener() (func() (io.ReadCloser, error), error) {
	if b.size() > maxWhole {
		return b.stream, nil
	}
	whole := bytes.NewBuffer(make([]byte, 0, b.size()))
	whole.WriteString(b.head)
	if err := b.writeMessage(whole); err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	whole.WriteString(b.tail)
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(whole.Bytes())), nil }, nil
}

func (b *body) stream() (io.ReadCloser, error) {
	// A plain Reader: the WriteTo of io.MultiReader has a buffer of 32 KiB made
	// for each mail, where net/http has its own.
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(b.head), b.message(), strings.NewReader(b.tail)), io.NopCloser(nil)}, nil
}

func (b *body) size() int64 { return int64(len(b.head)) + b.messageSize + int64(len(b.tail)) }

// request makes the request that sends m.
func (s *Sender) request(ctx context.Context, m *mailer.Message, token string) (*http.Request, error) {
	address, b := s.rawURL, rawBody
	if m.Size() > maxRaw {
		address, b = s.uploadURL, uploadBody
	}
	content, err := b(m)
	if err != nil {
		return nil, err
	}
	open, err := content.opener()
	if err != nil {
		return nil, err
	}
	reader, err := open()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, reader)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.GetBody = open
	req.ContentLength = content.size()
	req.Header = http.Header{
		"Authorization": {"Bearer " + token},
		"Content-Type":  {content.contentType},
		"User-Agent":    {userAgent},
	}
	return req, nil
}

// rawBody is the Message resource with the message as base64url. It is encoded
// while it is sent and is never held whole.
func rawBody(m *mailer.Message) (*body, error) {
	meta, err := metadata(m)
	if err != nil {
		return nil, err
	}
	tail := `"}`
	if meta != "{}" {
		tail = `",` + meta[1:]
	}
	return &body{
		contentType: "application/json",
		head:        `{"raw":"`,
		message:     func() io.Reader { return newEncoder(m.Reader(), m.Size()) },
		writeMessage: func(to io.Writer) error {
			encoded := base64.NewEncoder(base64.URLEncoding, to)
			if _, err := m.WriteTo(encoded); err != nil {
				return err
			}
			return encoded.Close()
		},
		messageSize: int64(base64.URLEncoding.EncodedLen(int(m.Size()))),
		tail:        tail,
	}, nil
}

// uploadBody is the Message resource and the message as two parts of
// multipart/related.
func uploadBody(m *mailer.Message) (*body, error) {
	meta, err := metadata(m)
	if err != nil {
		return nil, err
	}
	boundary := rand.Text() // Nobody who writes a mail can guess it.
	return &body{
		contentType: "multipart/related; boundary=" + boundary,
		head: "--" + boundary + "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" + meta +
			"\r\n--" + boundary + "\r\nContent-Type: message/rfc822\r\n\r\n",
		message: m.Reader,
		writeMessage: func(to io.Writer) error {
			_, err := m.WriteTo(to)
			return err
		},
		messageSize: m.Size(),
		tail:        "\r\n--" + boundary + "--\r\n",
	}, nil
}

// metadata is the Message resource without the message.
func metadata(m *mailer.Message) (string, error) {
	if m.ThreadID == "" {
		return "{}", nil
	}
	b, err := json.Marshal(struct {
		ThreadID string `json:"threadId"`
	}{m.ThreadID})
	if err != nil {
		return "", fmt.Errorf("thread ID as JSON: %w", err)
	}
	return string(b), nil
}
