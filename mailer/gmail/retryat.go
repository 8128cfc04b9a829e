package gmail

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds the times that are believed: no limit of Gmail's is longer
// than its rolling day, and a mistake should not stop an account for years.
const longestWait = 24 * time.Hour

// retryText finds the time in "User-rate limit exceeded.  Retry after
// 2023-03-07T18:03:15.961Z (Mail sending)".
var retryText = regexp.MustCompile(`(?i)retry after\s+(\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2}))`)

// retryAt returns the later of the times that the header and the text name; zero
// where they name none, or none that is to come.
func retryAt(h http.Header, text string, now time.Time) time.Time {
	at := headerTime(h.Get("Retry-After"), now)
	for _, m := range retryText.FindAllStringSubmatch(text, -1) {
		if t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(m[1])); err == nil && t.After(at) {
			at = t
		}
	}
	if !at.After(now) {
		return time.Time{}
	}
	if latest := now.Add(longestWait); at.After(latest) {
		at = latest
	}
	return at.UTC()
}

// headerTime reads Retry-After (RFC 9110 section 10.2.3): seconds, or a date.
func headerTime(value string, now time.Time) time.Time {
	value = strings.TrimSpace(value)
	switch seconds, err := strconv.ParseUint(value, 10, 32); {
	case err == nil:
		return now.Add(time.Duration(seconds) * time.Second)
	case errors.Is(err, strconv.ErrRange):
		return now.Add(longestWait)
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return t
}
