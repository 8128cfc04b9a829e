// Package redact hides email addresses in whatever operators read: logs, the
// dashboard, health answers. It is the one place that decides what of an
// address may be seen, so that no two outputs differ.
//
//	redact.Mask.Address("Ada <ada@example.org>")            // a***@example.org
//	redact.Mask.Text("no such user: ada@example.org")       // no such user: a***@example.org
//
// Address is for what is known to be an address. Text is for what others
// wrote, such as Gmail's error texts: it hides everything that could be one,
// and rather too much than too little.
package redact

import "fmt"

// A Mode says how much of an address may be seen: the value of POSTROOM_REDACT.
// The zero value is Mask.
type Mode int

// The modes.
const (
	// Mask keeps the first letter and the domain: a***@example.org.
	Mask Mode = iota
	// Full keeps addresses as they are.
	Full
	// None lets no address through: *** stands in its place. It means "no
	// addresses", not "no redaction".
	None
)

// hidden stands for what is not shown.
const hidden = "***"

// String returns the mode as POSTROOM_REDACT has it.
func (m Mode) String() string {
	switch m {
	case Mask:
		return "mask"
	case Full:
		return "full"
	case None:
		return "none"
	default:
		return fmt.Sprintf("Mode(%d)", int(m))
	}
}

// MarshalText returns what UnmarshalText takes.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads "mask", "full" or "none". Anything else is an error that
// says so and leaves the mode as it was.
func (m *Mode) UnmarshalText(text []byte) error {
	for _, mode := range []Mode{Mask, Full, None} {
		if mode.String() == string(text) {
			*m = mode
			return nil
		}
	}
	return fmt.Errorf("redact mode %q: must be mask (a***@example.org), full (addresses as they are) or none (no addresses)", text)
}
