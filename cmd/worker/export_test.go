package main

import (
	"context"
	"io"

	"github.com/postroom/postroom/tasks/budget"
)

// What the command line's values are read by.
type (
	Count          = count
	Handlers       = handlers
	Backend        = backend
	Mailbox        = mailbox
	Limit          = limit
	AccountAddress = accountAddress
)

// What auth decides without asking anybody.
var (
	Ending     = ending
	TokenFault = tokenFault
	ReasonOf   = reasonOf
)

// AuthSet is `worker auth set`.
type AuthSet = authSetCommand

// RunTo runs it, and has it print to out.
func (s *authSetCommand) RunTo(ctx context.Context, out io.Writer) error {
	return s.Run(ctx, console{out: out, err: io.Discard})
}

// Limits are those that a worker is told.
type Limits = limitsConfig

// Of are an account's.
func (c *limitsConfig) Of(b Backend, account string) budget.Limits { return c.of(b)(account) }
