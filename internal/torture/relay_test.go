package torture_test

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// relay stands between Redis and those who ask it, and can part them.
type relay struct {
	addr string // Its own.
	to   string // The server's.

	losing atomic.Bool // What the server says is thrown away.

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{addr: listener.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = listener.Close()
		r.cut()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // It was closed.
			}
			go r.pass(client)
		}
	}()
	return r
}

// pass carries one connection, until one of its ends closes.
func (r *relay) pass(client net.Conn) {
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		_ = client.Close() // Redis is away.
		return
	}
	r.mu.Lock()
	r.conns[client], r.conns[server] = true, true
	r.mu.Unlock()
	end := func() {
		_, _ = client.Close(), server.Close()
		r.mu.Lock()
		delete(r.conns, client)
		delete(r.conns, server)
		r.mu.Unlock()
	}
	go func() {
		defer end()
		_, _ = io.Copy(server, client) // It ends with the connection.
	}()
	defer end()
	said := make([]byte, 16<<10)
	for {
		n, err := server.Read(said)
		if err != nil {
			return
		}
		if r.losing.Load() {
			continue
		}
		if _, err := client.Write(said[:n]); err != nil {
			return
		}
	}
}

// lose has Redis do what it is asked, and nobody hear of it; then it cuts all
// connections.
func (r *relay) lose(d time.Duration) {
	r.losing.Store(true)
	time.Sleep(d)
	r.cut()
	r.losing.Store(false)
}

// cut closes all connections.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		_ = c.Close()
	}
}
