package tasks

import (
	"maps"
	"slices"
	"time"
)

// SetNow sets the clock of a client.
func (c *Client) SetNow(now func() time.Time) { c.now = now }

// ComposedSize, QuotedSize and Base64Size are how Enqueue reckons sizes.
func (e *Email) ComposedSize(attachments []int64) int64 { return e.composedSize(attachments) }

// QuotedSize is quotedSize.
func QuotedSize(s string) int64 { return quotedSize(s) }

// Base64Size is base64Size.
func Base64Size(n int64) int64 { return base64Size(n) }

// Encode is encode.
func (e *Email) Encode() ([]byte, error) { return e.encode() }

// MaxNamed is maxNamed.
const MaxNamed = maxNamed

// PayloadNames lists payloadNames, those below others as "thread.id".
func PayloadNames() []string { return flatten("", payloadNames) }

func flatten(above string, n names) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(n)) {
		list = append(list, above+name)
		list = append(list, flatten(above+name+".", n[name])...)
	}
	return list
}
