package mailertest

import (
	"maps"
	"net"
	"net/http"
	"strconv"
)

// write ends a request as the fault says.
func (f Fault) write(w http.ResponseWriter) {
	switch f.broken {
	case reset:
		abort(w)
		return
	case cut:
		panic(http.ErrAbortHandler) // net/http's own way to cut a connection off.
	case unbroken, cutAnswer:
	}
	a := f.answer
	h := w.Header()
	maps.Copy(h, a.header)
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	body := a.body
	if f.broken == cutAnswer {
		body = body[:len(body)/2]
	}
	w.WriteHeader(a.status)
	if _, err := w.Write(body); err != nil {
		return // The client has gone.
	}
	if f.broken == cutAnswer {
		_ = http.NewResponseController(w).Flush() // What can't be flushed is cut too.
		panic(http.ErrAbortHandler)
	}
}

// status is the HTTP status that the client sees, 0 for none.
func (f Fault) status() int {
	if f.answer == nil {
		return 0
	}
	return f.answer.status
}

// abort resets the connection where it can be had, else cuts it.
func abort(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // Then Close sends RST. A closed one needs none.
	}
	_ = conn.Close()
}
