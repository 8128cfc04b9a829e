// Package clivalue reads values that both commands are given in flags and
// variables.
package clivalue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as time.ParseDuration reads it, or in whole
// days, "7d". It is longer than nothing.
type Duration time.Duration

// UnmarshalText says what is allowed where text is none.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	parsed, err := time.ParseDuration(s)
	if n, ok := strings.CutSuffix(s, "d"); ok {
		var days uint64
		days, err = strconv.ParseUint(n, 10, 16) // 179 years, which a time.Duration holds.
		parsed = time.Duration(days) * 24 * time.Hour
	}
	if err != nil || parsed <= 0 {
		return fmt.Errorf("%q: must be a time like 30s, 72h or 7d", s)
	}
	*d = Duration(parsed)
	return nil
}
