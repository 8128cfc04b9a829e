package clivalue

import "strings"

// IsSetting reports a variable that is a setting of Postroom's, and may be secret.
func IsSetting(name string) bool {
	return strings.HasPrefix(name, "POSTROOM_") || strings.HasPrefix(name, "GMAIL_") || name == "REDIS_URL"
}
