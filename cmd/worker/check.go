package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/alecthomas/kong"

	"github.com/postroom/postroom/mailer/templates"
)

// checkCommand is `worker check`.
type checkCommand struct {
	Live  bool `help:"Ask the worker running here whether it lives; for a container's healthcheck." xor:"ask"`
	Ready bool `help:"Ask the worker running here whether it can work; for a container's healthcheck." xor:"ask"`

	redisConfig    `embed:""`
	backendConfig  `embed:""`
	mailConfig     `embed:""`
	operatorConfig `embed:"" set:"shown=what is printed"`

	limits limitsConfig // As `worker run` has them.
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
	rest, err := readRest()
	if err != nil {
		return err
	}
	c.limits = rest.Limits
	var k known
	defer func() { k.close() }()
	ok := true
	for _, look := range []struct {
		what string
		at   func(context.Context) []finding
	}{
		{"redis", one(c.checkRedis(int(rest.WaitReplicas)))},
		{"templates", c.checkTemplates},
		{"account", func(ctx context.Context) []finding {
			k = c.readAccounts(ctx)
			return c.checkAccounts(ctx, k)
		}},
		{"redirect", c.checkRedirect},
		{"queues", func(ctx context.Context) []finding { return c.checkQueues(ctx, k) }},
		{"admin", one(c.checkAdmin)},
	} {
		for _, f := range look.at(ctx) {
			ok = printLook(to.out, look.what, f.found, f.err) && ok
		}
	}
	if !ok {
		return errCheck
	}
	return nil
}

// finding is a line: what was found, or what is wrong.
type finding struct {
	found string
	err   error
}

// one is a look that finds one thing, in its time.
func one(look func(context.Context) (string, error)) func(context.Context) []finding {
	return func(ctx context.Context) []finding {
		ctx, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		found, err := look(ctx)
		return []finding{{found, err}}
	}
}

// restConfig are the variables that have no flag here.
type restConfig struct {
	replicasConfig `embed:""`
	deliveryConfig `embed:""`
	logConfig      `embed:""`
}

// readRest reads them: `worker run` would refuse to start with a bad one.
func readRest() (*restConfig, error) {
	var rest restConfig
	parser, err := kong.New(&rest)
	if err != nil {
		return nil, err
	}
	if _, err := parser.Parse(nil); err != nil {
		return nil, usageError{err}
	}
	return &rest, nil
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

// checkRedirect says nothing where mail goes to its own recipients.
func (c *checkCommand) checkRedirect(context.Context) []finding {
	to := c.RedirectAll.Address.Address
	if to == "" {
		return nil
	}
	return []finding{{err: warningError{fmt.Errorf("POSTROOM_REDIRECT_ALL: all mail goes to %s, and no recipient gets any", c.Redact.Address(to))}}}
}

// checkTemplates warns of those that fail with their own examples: real data may be
// other than an example.
func (c *checkCommand) checkTemplates(context.Context) []finding {
	set, err := templates.Open(c.Templates)
	if err != nil {
		return []finding{{err: err}}
	}
	all := []finding{{found: fmt.Sprintf("%d: %v", len(set.Names()), set.Names())}}
	for _, one := range told(set.Try()) {
		all = append(all, finding{err: warningError{errors.New(one)}})
	}
	return all
}

func (c *checkCommand) checkAdmin(ctx context.Context) (string, error) {
	if c.AdminAddr == adminOff {
		return "off", nil
	}
	if err := c.admin().Validate(); err != nil {
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
	if _, _, err := net.SplitHostPort(c.AdminAddr); err != nil {
		return usageError{fmt.Errorf("POSTROOM_ADMIN_ADDR %q: must be host:port", c.AdminAddr)}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	url := "http://" + openable(c.AdminAddr) + path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // A worker redirects nobody.
	if err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	if !isOurs(body) {
		return fmt.Errorf("GET %s: another program than Postroom answers there: %s", url, resp.Status)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s: %.1024s", url, resp.Status, bytes.TrimSpace(body))
	}
	return nil
}

// maxAnswer is more than /readyz says of some thousand accounts.
const maxAnswer = 1 << 20

// isOurs tells the answers of /livez and /readyz from those of whoever else may
// have the port.
func isOurs(body []byte) bool {
	var answer struct {
		Ready *bool `json:"ready"`
	}
	return string(body) == "ok\n" || json.Unmarshal(body, &answer) == nil && answer.Ready != nil
}
