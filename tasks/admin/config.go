package admin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"unicode"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/redact"
)

// Config is what Listen needs.
type Config struct {
	// Addr is POSTROOM_ADMIN_ADDR: host and port to listen on, such as
	// "127.0.0.1:8080". Port 0 takes a free one. No host, or any but an address
	// of loopback or "localhost", counts as reachable from outside.
	Addr string
	// Hosts is POSTROOM_ADMIN_HOSTS: Host values answered beside those of
	// loopback, in any case, such as "postroom.example.com" (with any port) or
	// "worker:8080" (with this one).
	Hosts []string
	// User and Password are POSTROOM_ADMIN_USER and POSTROOM_ADMIN_PASSWORD,
	// for HTTP's Basic authentication: both or neither, and both where Addr is
	// not loopback.
	User, Password string
	// Redis is what the dashboard shows. It stays open when the server ends.
	// The dashboard's Redis page needs it to be a *redis.Client or a
	// *redis.ClusterClient.
	Redis redis.UniversalClient
	// Gatherer is what /metrics shows.
	Gatherer prometheus.Gatherer
	// Ready tells /readyz about this process. It is called for each request, by
	// many at once, and answers from memory. Nil: there are no accounts.
	Ready func(context.Context) Readiness
	// Pages answers for /preview, /mailbox and /pages, behind the same doors, and
	// sets a Content-Security-Policy of its own. Nil: there are no such pages.
	Pages http.Handler
	// Redact says how much of an address is shown.
	Redact redact.Mode
	// Log gets a line for each action in the dashboard and each wrong password.
	// Nil: none.
	Log *zap.Logger
}

// Validate finds everything that is wrong with the settings, each with the
// variable's name, its value (never the password) and what is allowed.
func (c Config) Validate() error {
	var problems []error
	loopback, err := checkAddr(c.Addr)
	if err != nil {
		problems = append(problems, err)
	}
	for _, host := range c.Hosts {
		if _, err := parseHost(host); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(append(problems, c.checkLogin(loopback || err != nil))...)
}

// checkAddr reports whether addr can be reached from this machine only.
func checkAddr(addr string) (loopback bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("POSTROOM_ADMIN_ADDR %q: must be host:port, such as 127.0.0.1:8080, or off", addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return false, fmt.Errorf("POSTROOM_ADMIN_ADDR %q: the port must be a number from 0 (a free one) to 65535", addr)
	}
	return isLoopback(host), nil
}

// isLoopback is true for "localhost" and addresses of loopback. A name that
// happens to resolve to one may do otherwise tomorrow.
func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func (c Config) checkLogin(loopback bool) error {
	switch {
	case c.User == "" && c.Password == "":
		if !loopback {
			return c.errOpen()
		}
	case c.Password == "":
		return fmt.Errorf("POSTROOM_ADMIN_PASSWORD is not set, but POSTROOM_ADMIN_USER is %q: set both or neither", c.User)
	case c.User == "":
		return errors.New("POSTROOM_ADMIN_USER is not set, but POSTROOM_ADMIN_PASSWORD is: set both or neither")
	case strings.Contains(c.User, ":"): // RFC 7617 section 2
		return fmt.Errorf("POSTROOM_ADMIN_USER %q: must have no colon", c.User)
	case strings.ContainsFunc(c.User, unicode.IsControl):
		return fmt.Errorf("POSTROOM_ADMIN_USER %q: must have no line break or other control character", c.User)
	case strings.ContainsFunc(c.Password, unicode.IsControl):
		return errors.New("POSTROOM_ADMIN_PASSWORD (not shown): must have no line break or other control character")
	}
	return nil
}

// errOpen says that whoever reaches Addr could delete mail.
func (c Config) errOpen() error {
	return fmt.Errorf("POSTROOM_ADMIN_ADDR %q is not loopback: set POSTROOM_ADMIN_USER and POSTROOM_ADMIN_PASSWORD, "+
		"or listen on 127.0.0.1", c.Addr)
}
