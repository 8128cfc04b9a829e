package tasks

import "time"

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
