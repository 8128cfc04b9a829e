package gmail

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	// defaultConns is for a Sender without a transport of its own.
	defaultConns = 16

	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	// headerTimeout runs from the last byte of the request to the first of the
	// answer. It ends large uploads that nobody answers; small mails end by
	// SendTimeout before it.
	headerTimeout = time.Minute
	// idleTimeout is shorter than Google keeps idle connections, so that a
	// request is not written to one that is just being closed.
	idleTimeout = 90 * time.Second
	// pingAfter and pingTimeout find a dead HTTP/2 connection within half a
	// minute; else each mail would run into its timeout, and be unknown.
	pingAfter   = 15 * time.Second
	pingTimeout = 15 * time.Second
	// writeBuffer holds a usual mail with its header, so that it leaves in one
	// system call.
	writeBuffer = 32 << 10
)

// NewTransport returns a transport for all senders of a process: HTTP/2 where
// the server has it, as Google does, and timeouts of its own. conns is how many
// idle connections are kept to a server that has only HTTP/1; it should be no
// less than the number of sends at once. Proxies come from the environment
// (HTTPS_PROXY, NO_PROXY).
func NewTransport(conns int) *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           newDialer().DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   handshakeTimeout,
		ForceAttemptHTTP2:     true, // Setting DialContext or TLSClientConfig would switch it off.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		MaxIdleConnsPerHost:   conns,
		IdleConnTimeout:       idleTimeout,
		ResponseHeaderTimeout: headerTimeout,
		WriteBufferSize:       writeBuffer,
		DisableCompression:    true, // Answers are smaller than what asking for it costs.
	}
}

func newDialer() *net.Dialer { return &net.Dialer{Timeout: dialTimeout} }
