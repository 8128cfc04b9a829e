package gmail

import (
	"encoding/base64"
	"io"
)

// encoder reads source as base64url with padding (RFC 4648 section 5), the
// form of raw. It is the reading counterpart of base64.NewEncoder, which needs
// a goroutine and a pipe to stand where a body is read.
type encoder struct {
	source io.Reader
	err    error // Of source, once it has ended.
	plain  []byte
	quad   [4]byte // An encoded group that did not fit into a short p.
	rest   []byte  // What is left of quad.
}

// largestStep is how much is encoded at once: it fills the 32 KiB that net/http
// reads of a body, each of which may be a write to the connection.
const largestStep = 24 << 10

// newEncoder encodes source, which has size bytes.
func newEncoder(source io.Reader, size int64) *encoder {
	groups := (min(size, largestStep) + 2) / 3
	return &encoder{source: source, plain: make([]byte, 3*max(groups, 1))}
}

// Read fills p as far as whole groups of four go.
func (e *encoder) Read(p []byte) (int, error) {
	if len(e.rest) > 0 {
		n := copy(p, e.rest)
		e.rest = e.rest[n:]
		return n, nil
	}
	if e.err != nil || len(p) == 0 {
		return 0, e.err
	}
	groups := min(max(len(p)/4, 1), len(e.plain)/3)
	n, err := io.ReadFull(e.source, e.plain[:3*groups])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	e.err = err
	if n == 0 {
		return 0, e.err
	}
	if len(p) < 4 {
		base64.URLEncoding.Encode(e.quad[:], e.plain[:n])
		copied := copy(p, e.quad[:])
		e.rest = e.quad[copied:]
		return copied, nil
	}
	base64.URLEncoding.Encode(p, e.plain[:n])
	return base64.URLEncoding.EncodedLen(n), nil
}
