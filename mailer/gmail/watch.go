package gmail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// maxBodies is how many bodies of one request are begun over HTTP/2, all but
// the last of them broken off. net/http has no limit of its own.
const maxBodies = 3

var (
	errWhole  = errors.New("the stream was reset after all of the mail had been written")
	errBodies = errors.New("the stream was reset again and again while the mail was written")
)

// watch sees what becomes of one request, and refuses net/http to make it twice
// where the first may have been taken (see the package's documentation).
type watch struct {
	// left reports whether the request has a connection. From then on its bytes
	// may have left: that the first write failed says nothing of what was
	// written before.
	left   atomic.Bool
	http2  atomic.Bool  // That connection speaks HTTP/2.
	bodies atomic.Int32 // Begun.
	whole  atomic.Bool  // The last of them was read to its end.
}

// trace returns a context for the request.
func (w *watch) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Asked for again only where what went before has not left: see reopen.
		GetConn: func(string) { w.left.Store(false) },
		GotConn: func(info httptrace.GotConnInfo) {
			secured, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState })
			w.http2.Store(ok && secured.ConnectionState().NegotiatedProtocol == "h2")
			w.left.Store(true)
		},
	})
}

// guard puts the watch around the request's body. Not so around one that lies
// in memory: net/http would write it apart from its header, in a second system
// call. It is taken for read whole from the start.
func (w *watch) guard(req *http.Request) {
	open, size := req.GetBody, req.ContentLength
	if size <= maxWhole {
		req.GetBody = func() (io.ReadCloser, error) {
			if w.http2.Load() {
				return nil, errWhole
			}
			return open()
		}
		return
	}
	req.Body = &watchedBody{ReadCloser: req.Body, watch: w, rest: size}
	req.GetBody = func() (io.ReadCloser, error) { return w.reopen(open, size) }
}

// reopen opens the body once more, for another connection or stream.
//
// Over HTTP/1 net/http asks for it only if nothing was written. Over HTTP/2 it
// asks on REFUSED_STREAM and GOAWAY, which say that the stream was not looked
// at, and also on PROTOCOL_ERROR, which does not say so (golang/go#47635); and
// it keeps to itself which of them it was. A server that lacks a part of the
// body has not taken the mail, whatever it says; one that has all of it may.
func (w *watch) reopen(open func() (io.ReadCloser, error), size int64) (io.ReadCloser, error) {
	if w.http2.Load() {
		switch {
		case w.whole.Load():
			return nil, errWhole
		case w.bodies.Load() >= maxBodies:
			return nil, errBodies
		}
	}
	w.whole.Store(false) // Over HTTP/1 it was read into a buffer and no further.
	reader, err := open()
	if err != nil {
		return nil, err
	}
	return &watchedBody{ReadCloser: reader, watch: w, rest: size}, nil
}

// watchedBody tells its watch when it is begun and when it has been read whole.
type watchedBody struct {
	io.ReadCloser

	watch *watch
	begun bool
	rest  int64
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.watch.bodies.Add(1)
	}
	n, err := b.ReadCloser.Read(p)
	if b.rest -= int64(n); b.rest <= 0 {
		b.watch.whole.Store(true)
	}
	return n, err
}
