//go:build bench

package bench_test

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/postroom/postroom/internal/redistest"
)

// roundTrip is how far away a Redis on another machine is.
const roundTrip = time.Millisecond

// beside is a redis-server on this machine.
func beside(_ testing.TB, server *redistest.Server) string { return server.URL() }

// away is the same through a relay that each answer takes roundTrip longer in.
func away(tb testing.TB, server *redistest.Server) string {
	tb.Helper()
	var address string
	startAs(tb, server.Addr, &address)
	return "redis://" + address + "/0"
}

// relay passes on what is said with the server at an address.
func relay(to string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(listener.Addr().String()); err != nil {
		panic(err)
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				panic(err)
			}
			server, err := net.Dial("tcp", to)
			if err != nil {
				panic(err)
			}
			go func() {
				_, _ = io.Copy(server, client) // It ends with the connection.
				_ = server.Close()
			}()
			go late(client, server)
		}
	}()
}

// late passes on what comes from a server, roundTrip later.
func late(client io.WriteCloser, server io.Reader) {
	type piece struct {
		due  time.Time
		data []byte
	}
	pieces := make(chan piece, 1024)
	go func() {
		defer close(pieces)
		for {
			data := make([]byte, 16<<10)
			n, err := server.Read(data)
			if err != nil {
				return
			}
			pieces <- piece{time.Now().Add(roundTrip), data[:n]}
		}
	}()
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		_, _ = client.Write(p.data) // Whoever has gone does not wait for it.
	}
	_ = client.Close()
}
