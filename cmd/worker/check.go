package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/postroom/postroom/mailer/templates"
)

// checkCommand is `worker check`.
type checkCommand struct {
	config `embed:""`

	Live  bool `help:"Ask the worker running here whether it lives; for a container's healthcheck." xor:"ask"`
	Ready bool `help:"Ask the worker running here whether it can work; for a container's healthcheck." xor:"ask"`
}

// checkTimeout bounds each of the looks.
const checkTimeout = 10 * time.Second

// errCheck is the end of a check that found something; what it found has been
// printed.
var errCheck = errors.New("not everything is in order")

// Run prints a line for each thing that it looks at.
func (c *checkCommand) Run(ctx context.Context, to console) error {
	switch {
	case c.Live:
		return c.ask(ctx, "/livez")
	case c.Ready:
		return c.ask(ctx, "/readyz")
	}
	ok := true
	for _, look := range []struct {
		what string
		at   func(context.Context) (string, error)
	}{
		{"redis", c.checkRedis},
		{"templates", c.checkTemplates},
		{"account", c.checkAccount},
		{"admin", c.checkAdmin},
	} {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		found, err := look.at(ctx)
		cancel()
		ok = printLook(to.out, look.what, found, err) && ok
	}
	if !ok {
		return errCheck
	}
	return nil
}

// printLook writes one line and reports whether all is well.
func printLook(w io.Writer, what, found string, err error) bool {
	mark := "ok  "
	if warning, isWarning := errors.AsType[warningError](err); isWarning {
		mark, found, err = "WARN", warning.Error(), nil
	}
	if err != nil {
		mark, found = "FAIL", err.Error()
	}
	_, _ = fmt.Fprintf(w, "%s  %-9s  %s\n", mark, what, found) // Nobody is left to tell.
	return mark != "FAIL"
}

// warningError is something that works, and that its owner should know of.
type warningError struct{ error }

func (c *checkCommand) checkTemplates(context.Context) (string, error) {
	set, err := templates.Open(c.Templates)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d: %v", len(set.Names()), set.Names()), nil
}

func (c *checkCommand) checkAccount(ctx context.Context) (string, error) {
	account, err := defaultAccount(&c.config, io.Discard)
	if err != nil {
		return "", err
	}
	name := c.Redact.Address(account.Address)
	if c.Backend != backendGmail {
		return fmt.Sprintf("%s, backend %s", name, c.Backend), nil
	}
	tokens, err := tokenSource(&c.config)
	if err != nil {
		return "", err
	}
	if _, err := tokens.Token(ctx); err != nil {
		return "", fmt.Errorf("%s: no access token: %w", name, err)
	}
	return name + ", Google gives it access tokens", nil
}

func (c *checkCommand) checkAdmin(ctx context.Context) (string, error) {
	if c.AdminAddr == adminOff {
		return "off", nil
	}
	if err := adminConfig(&c.config).Validate(); err != nil {
		return "", err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.AdminAddr)
	if err == nil {
		return c.AdminAddr + ", free", l.Close()
	}
	ctx, cancel := context.WithTimeout(ctx, neighbourTimeout)
	defer cancel()
	if c.ask(ctx, "/livez") == nil {
		return c.AdminAddr + ", a worker answers there", nil
	}
	return "", fmt.Errorf("POSTROOM_ADMIN_ADDR %s: %w", c.AdminAddr, err)
}

// neighbourTimeout bounds the question whether it is a worker that has the
// port: who else does may take it and say nothing.
const neighbourTimeout = 2 * time.Second

// ask is what a container's healthcheck does.
func (c *checkCommand) ask(ctx context.Context, path string) error {
	if c.AdminAddr == adminOff {
		return usageError{errors.New("POSTROOM_ADMIN_ADDR is off: there is nobody to ask")}
	}
	host, port, err := net.SplitHostPort(c.AdminAddr)
	if err != nil {
		return usageError{fmt.Errorf("POSTROOM_ADMIN_ADDR %q: must be host:port", c.AdminAddr)}
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, port) + path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // For the message only.
		return fmt.Errorf("GET %s: %s: %s", url, resp.Status, body)
	}
	return nil
}
