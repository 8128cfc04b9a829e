package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxShown is how many entries of a list are shown.
	maxShown = 100
	// maxText is how much of a text is shown, in bytes.
	maxText = 200
)

// word shows what can hold neither a sentence nor an address: numbers, IDs,
// names of templates, times.
func word(v view, value json.RawMessage) any {
	s, ok := str(value)
	if !ok {
		s = string(value)
	}
	if !isWord.MatchString(s) {
		return onlySize(v, value)
	}
	if !ok {
		return value
	}
	return s
}

var isWord = regexp.MustCompile(`^[A-Za-z0-9._:/+-]{1,128}$`)

// onlySize shows how long a string is, or how long anything else is as JSON.
func onlySize(_ view, value json.RawMessage) any {
	n := len(value)
	if s, ok := str(value); ok {
		n = len(s)
	}
	return fmt.Sprintf("(%d bytes)", n)
}

// addresses shows an address, or a list of them.
func addresses(v view, value json.RawMessage) any {
	one := func(v view, value json.RawMessage) any {
		s, ok := str(value)
		if !ok {
			return onlySize(v, value)
		}
		return v.redact.Address(printable(s))
	}
	if isList(value) {
		return list(one)(v, value)
	}
	return one(v, value)
}

// text shows a line with its addresses redacted.
func text(v view, value json.RawMessage) any {
	s, ok := str(value)
	if !ok {
		return onlySize(v, value)
	}
	s = v.redact.Text(printable(s))
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// headers shows names and, with addresses redacted, values.
func headers(v view, value json.RawMessage) any {
	var all map[string]json.RawMessage
	if json.Unmarshal(value, &all) != nil || all == nil {
		return onlySize(v, value)
	}
	shown, hidden := members{}, 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !isWord.MatchString(name) || len(shown) == maxShown {
			hidden++
			continue
		}
		shown = append(shown, member{name, text(v, all[name])})
	}
	return shown.and(hidden)
}

// list shows a list by the rule for its entries.
func list(each rule) rule {
	return func(v view, value json.RawMessage) any {
		var all []json.RawMessage
		if json.Unmarshal(value, &all) != nil {
			return onlySize(v, value)
		}
		shown := make([]any, 0, min(len(all), maxShown)+1)
		for _, entry := range all[:min(len(all), maxShown)] {
			shown = append(shown, each(v, entry))
		}
		if more := len(all) - maxShown; more > 0 {
			shown = append(shown, fmt.Sprintf("(%d more)", more))
		}
		return shown
	}
}

// object shows a JSON object's known fields. Names that are not known may be
// anything, so they are only counted.
func object(fields []field) rule {
	return func(v view, value json.RawMessage) any {
		var all map[string]json.RawMessage
		if json.Unmarshal(value, &all) != nil || all == nil {
			return onlySize(v, value)
		}
		shown := members{}
		for _, f := range fields {
			if raw, ok := all[f.name]; ok {
				shown = append(shown, member{f.name, f.show(v, raw)})
				delete(all, f.name)
			}
		}
		return shown.and(len(all))
	}
}

// members are a JSON object's, in order.
type members []member

type member struct {
	name  string
	value any
}

// and adds how many more there are.
func (ms members) and(more int) members {
	if more == 0 {
		return ms
	}
	return append(ms, member{"others", fmt.Sprintf("(%d)", more)})
}

// MarshalJSON writes the object in one line, with < and > of addresses as they
// are.
func (ms members) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(m.name); err != nil {
			return nil, fmt.Errorf("show name: %w", err)
		}
		b.Truncate(b.Len() - 1) // The line end that Encode adds.
		b.WriteByte(':')
		if err := enc.Encode(m.value); err != nil {
			return nil, fmt.Errorf("show value: %w", err)
		}
		b.Truncate(b.Len() - 1)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// site shows a URL's scheme and host. The rest may say who the reader is.
func site(v view, value json.RawMessage) any {
	s, _ := str(value)
	u, err := url.Parse(s)
	if err != nil || !isWord.MatchString(u.Scheme) || !isWord.MatchString(u.Host) {
		return onlySize(v, value)
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// mailto shows the address of a mailto URL, whose scheme may be left out.
func mailto(v view, value json.RawMessage) any {
	s, ok := str(value)
	if !ok {
		return onlySize(v, value)
	}
	address, _, _ := strings.Cut(strings.TrimPrefix(s, "mailto:"), "?")
	return v.redact.Address(printable(address))
}

func isList(value json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(value), []byte("[")) }

// str reads a JSON string.
func str(value json.RawMessage) (string, bool) {
	var s *string
	if json.Unmarshal(value, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// printable replaces what would not be seen, or would turn the line around it.
// It comes before the redaction, which so decides on what is shown.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}
