package gmail_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
)

// request is what a Send of m hands to the transport.
func request(t *testing.T, m *mailer.Message, look func(*http.Request)) {
	t.Helper()
	receipt := answering(http.StatusOK, nil, `{"id":"1","threadId":"1"}`)
	sender := newSenderOn(t, gmail.Config{Tokens: fixed("the token"), Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		look(r)
		return receipt.RoundTrip(r)
	})})
	if _, err := sender.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	request(t, compose(t, "x", 0), func(r *http.Request) {
		if got := r.URL.String(); !strings.HasPrefix(got, "https://gmail.googleapis.com/gmail/v1/users/me/messages/send?") {
			t.Errorf("goes to %s", got)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer the token" {
			t.Errorf("Authorization %q", got)
		}
		if got := r.Header.Get("User-Agent"); !strings.HasPrefix(got, "postroom ") {
			t.Errorf("User-Agent %q", got)
		}
	})
	request(t, compose(t, "x", 4<<20), func(r *http.Request) {
		if got := r.URL.String(); !strings.HasPrefix(got, "https://gmail.googleapis.com/upload/gmail/v1/users/me/messages/send?uploadType=multipart") {
			t.Errorf("a large one goes to %s", got)
		}
	})
}

// TestBody reads bodies in pieces of every size, for messages of every
// remainder by three, and once more from their start.
func TestBody(t *testing.T) {
	t.Parallel()
	for extra := range 7 {
		m := compose(t, strings.Repeat("i", 40), 0)
		if extra > 0 {
			m = compose(t, "x", 8*extra)
		}
		if extra%2 == 0 {
			m.ThreadID = ""
		}
		request(t, m, func(r *http.Request) {
			for _, reader := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r },
				iotest.OneByteReader,
				func(r io.Reader) io.Reader { return pieces{r, 2} },
				func(r io.Reader) io.Reader { return pieces{r, 3} },
				func(r io.Reader) io.Reader { return pieces{r, 5} },
			} {
				again, err := r.GetBody()
				if err != nil {
					t.Fatal(err)
				}
				checkBody(t, m, r.ContentLength, reader(again))
			}
		})
	}
}

func checkBody(t *testing.T, m *mailer.Message, length int64, r io.Reader) {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != length {
		t.Errorf("%d bytes, %v, announced %d", len(b), err, length)
	}
	var got struct {
		Raw      string `json:"raw"`
		ThreadID string `json:"threadId"`
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	raw, err := base64.URLEncoding.DecodeString(got.Raw)
	if err != nil || !bytes.Equal(raw, contentOf(t, m)) || got.ThreadID != m.ThreadID {
		t.Errorf("carries %q in thread %q, %v", raw, got.ThreadID, err)
	}
}

// pieces is a reader that reads n bytes at a time.
type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }
