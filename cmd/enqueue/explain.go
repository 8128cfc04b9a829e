package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/postroom/postroom/tasks"
)

// forceHint is for mail that only needs --force.
const forceHint = "--force queues what no worker has yet"

// explain says of a mail that was refused what its flags were: which file, and
// whether --force would help.
func (s *sendCommand) explain(e tasks.Email, err error) error {
	wrong, ok := errors.AsType[*tasks.InvalidError](err)
	if !ok {
		return err
	}
	named := &tasks.InvalidError{}
	for _, p := range wrong.Problems {
		for i, a := range e.Attachments {
			if field := fmt.Sprintf("attachments[%d]", i); p.Field == field || strings.HasPrefix(p.Field, field+".") {
				p.Field += " (" + a.Path + ")"
			}
		}
		named.Problems = append(named.Problems, p)
	}
	if needsForce(err) {
		return fmt.Errorf("%w\n%s", named, forceHint)
	}
	return named
}

// needsForce reports whether nothing is wrong with a mail but that no worker
// has published its account or template.
func needsForce(err error) bool {
	wrong, ok := errors.AsType[*tasks.InvalidError](err)
	if !ok {
		return false
	}
	for _, p := range wrong.Problems {
		if !strings.HasPrefix(p.Reason, "no worker has it; ") {
			return false
		}
	}
	return true
}
