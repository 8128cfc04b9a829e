package tasks

import (
	"fmt"
	"strings"
)

// Lane is how urgent a mail is.
type Lane string

// The lanes. Default is the zero value's meaning too.
const (
	// Critical is for mail that somebody waits for: a password reset, a code.
	Critical Lane = "critical"
	// Default is for mail that an app sends as it goes.
	Default Lane = "default"
	// Bulk is for newsletters and notifications to many.
	Bulk Lane = "bulk"
)

// Lanes lists every lane, the most urgent first.
func Lanes() []Lane { return []Lane{Critical, Default, Bulk} }

// UnmarshalText reads a lane by its name.
func (l *Lane) UnmarshalText(text []byte) error {
	for _, lane := range Lanes() {
		if string(lane) == string(text) {
			*l = lane
			return nil
		}
	}
	return fmt.Errorf("lane %q: must be critical, default or bulk", text)
}

// QueueName is the asynq queue of an account's lane, such as
// "default:shop@example.com". Mail for which no account is known yet waits in
// the plain lane, "default", until the default account takes it.
func QueueName(lane Lane, account string) string {
	if account == "" {
		return string(lane)
	}
	return string(lane) + ":" + strings.ToLower(account)
}

// ParseQueue splits a queue's name into lane and account, and reports whether
// it is one of Postroom's.
func ParseQueue(queue string) (lane Lane, account string, ok bool) {
	name, account, _ := strings.Cut(queue, ":")
	if lane.UnmarshalText([]byte(name)) != nil {
		return "", "", false
	}
	return lane, account, true
}
