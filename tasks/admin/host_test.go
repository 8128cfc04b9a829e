package admin_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/postroom/postroom/tasks/admin"
)

// Whoever finds us by the address that we listen on needs no
// POSTROOM_ADMIN_HOSTS: a page of another site cannot name itself so.
func TestTheConnectionsOwnAddressIsOurs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		local, host string
		want        bool
	}{
		{"10.1.2.3", "10.1.2.3:8080", true},
		{"10.1.2.3", "10.1.2.3", true},
		{"10.1.2.3", "[::ffff:10.1.2.3]:8080", true},
		{"::ffff:10.1.2.3", "10.1.2.3:8080", true},
		{"fe80::1%eth0", "[fe80::1]:8080", true},
		{"2001:db8::1", "[2001:DB8:0::1]:8080", true},
		{"10.1.2.3", "10.1.2.4:8080", false},
		{"10.1.2.3", "10.1.2.3.evil.example:8080", false},
		{"10.1.2.3", "", false},
		{"", "", false},
	} {
		var local net.Addr
		if tt.local != "" {
			address, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(tt.local, "8080"))
			if err != nil {
				t.Fatal(err)
			}
			local = address
		}
		r := &http.Request{Host: tt.host}
		r = r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local))
		if got := admin.Ours(r); got != tt.want {
			t.Errorf("Host %q on %q: ours is %v, want %v", tt.host, tt.local, got, tt.want)
		}
	}
}
