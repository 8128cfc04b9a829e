package admin

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// A host is a Host value: a name or an address, and a port or none.
type host struct{ name, port string }

// parseHost reads one of POSTROOM_ADMIN_HOSTS.
func parseHost(s string) (host, error) {
	h, ok := splitHost(s)
	if !ok {
		return host{}, fmt.Errorf("POSTROOM_ADMIN_HOSTS %q: must be a host name or address with or without a port, "+
			"such as postroom.example.com or worker:8080; no scheme, path or *", s)
	}
	return h, nil
}

// splitHost takes a Host value apart (RFC 9110 section 7.2) and writes it in
// the one form that can be compared: no brackets, lower case, no dot at the end.
func splitHost(s string) (host, bool) {
	h := host{name: s}
	if inner, ok := strings.CutPrefix(s, "["); ok && strings.HasSuffix(s, "]") {
		h.name = strings.TrimSuffix(inner, "]")
	} else if strings.Contains(s, ":") {
		name, port, err := net.SplitHostPort(s)
		if err != nil {
			return host{}, false
		}
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return host{}, false
		}
		h = host{name, port}
	}
	if ip, err := netip.ParseAddr(h.name); err == nil {
		h.name = ip.Unmap().WithZone("").String()
		return h, true
	}
	h.name = strings.ToLower(strings.TrimSuffix(h.name, "."))
	return h, isHostName(h.name)
}

func isHostName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_", r)
	})
}

// hosts are the Host values of POSTROOM_ADMIN_HOSTS.
type hosts []host

// ours reports whether a request means this server. A web page can have its own
// name resolve to our address (DNS rebinding) and then reads us as its own
// site; but it cannot make the browser send another Host than that name.
func (hs hosts) ours(r *http.Request) bool {
	h, ok := splitHost(r.Host)
	if !ok {
		return false
	}
	if isLoopback(h.name) || h.name == localIP(r.Context()) {
		return true
	}
	for _, ours := range hs {
		if ours.name == h.name && (ours.port == "" || ours.port == h.port) {
			return true
		}
	}
	return false
}

// localIP is the address that the connection came in on: how a Prometheus that
// finds pods by their address, or a person on the same network, names us.
func localIP(ctx context.Context) string {
	tcp, ok := ctx.Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return ""
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("").String()
}

// guard lets only requests for our hosts through.
func (hs hosts) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !hs.ours(r) {
			refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf("Host %.100q is not answered here. "+
				"If it is this server's, add it to POSTROOM_ADMIN_HOSTS.", r.Host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers with one line.
func refuse(w http.ResponseWriter, status int, line string) { http.Error(w, line, status) }
