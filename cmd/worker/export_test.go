package main

import (
	"context"
	"io"
)

// What the command line's values are read by.
type (
	Count    = count
	Handlers = handlers
	Backend  = backend
	Author   = author
	Limit    = limit
)

// AuthSet is `worker auth set`.
type AuthSet = authSetCommand

// RunTo runs it, and has it print to out.
func (s *authSetCommand) RunTo(ctx context.Context, out io.Writer) error {
	return s.Run(ctx, console{out, io.Discard})
}
