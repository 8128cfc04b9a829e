package accounts

// redacted is what stands for a secret wherever one is printed.
const redacted = "[secret]"

// Secret is a string that is not to be seen. Whichever way it is printed, alone
// or deep in another value, it shows "[secret]" or an address: fmt calls no
// methods of unexported fields, so the text lies behind a pointer. The zero
// Secret is the empty string.
type Secret struct{ text *string }

// NewSecret hides text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text, for the one who needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether the text is empty.
func (s Secret) IsZero() bool { return s.text == nil }

// String returns "[secret]", or nothing for an empty one.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON and whatever else writes text. There is no
// way back.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
