package templates

import (
	"errors"
	"fmt"
	"strings"
)

// MaxOutput is the largest subject, HTML or text that a template may give, in
// bytes, and the largest file that is read: 10 MB. Gmail takes 35 MB a mail and
// clips what it shows at 102 KB.
const MaxOutput = 10 << 20

// maxSteps is how many values, texts and turns of range a template may go
// through: half a second's work.
const maxSteps = 500_000

var (
	errTooLarge = fmt.Errorf("gives more than %d MB", MaxOutput>>20)
	errTooLong  = fmt.Errorf("takes more than %d steps: values, texts and turns of range", maxSteps)
)

// output takes what a template gives, up to MaxOutput and maxSteps, so that no
// data can make a template fill the memory or run forever.
type output struct {
	text  strings.Builder
	steps int
}

func (o *output) Write(b []byte) (int, error) {
	o.steps++
	switch {
	case o.steps > maxSteps:
		return 0, errTooLong
	case o.text.Len()+len(b) > MaxOutput:
		return 0, errTooLarge
	}
	return o.text.Write(b) //nolint:wrapcheck // It has no error.
}

var errNoOutput = errors.New("no output is wanted")

// noOutput ends a template at its first output.
type noOutput struct{}

func (noOutput) Write([]byte) (int, error) { return 0, errNoOutput }
