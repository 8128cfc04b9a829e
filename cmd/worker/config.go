package main

import (
	"fmt"
	"net/mail"
	"os"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/redact"
)

// config is every setting of a worker. Each has a flag and a variable; those
// that hold a secret have a variable only, since a process list shows flags.
type config struct {
	RedisURL string `name:"redis-url" env:"REDIS_URL" default:"redis://127.0.0.1:6379/0" help:"The queue's Redis. A password in it shows in a process list: set the variable." group:"Redis"`

	Backend     backend `env:"POSTROOM_BACKEND" placeholder:"gmail|console|file" help:"How mail leaves. There is no default: a worker does not guess." group:"Mail"`
	FileDir     string  `env:"POSTROOM_FILE_DIR" default:"./outbox" help:"The file backend's Maildir." group:"Mail"`
	From        author  `env:"POSTROOM_FROM" placeholder:"ADDRESS" help:"From of mail that names none; its address is the default account's." group:"Mail"`
	Templates   string  `env:"POSTROOM_TEMPLATES" placeholder:"DIR" help:"Templates. Default: ./templates, else the built-in set." group:"Mail"`
	Concurrency count   `env:"POSTROOM_CONCURRENCY" default:"4" help:"Handlers an account and process, for default and bulk mail and again for critical mail." group:"Mail"`
	Attempts    count   `env:"POSTROOM_ATTEMPTS" default:"12" help:"A mail is given up after so many." group:"Mail"`
	MaxAge      days    `env:"POSTROOM_MAX_AGE" default:"72h" help:"A mail is given up after so long in retries." group:"Mail"`
	Grace       days    `env:"POSTROOM_GRACE" default:"30s" help:"For what is sending when told to stop." group:"Mail"`
	KeepSent    days    `env:"POSTROOM_KEEP_SENT" default:"7d" help:"How long the record of a sent mail is kept." group:"Mail"`
	KeepFailed  days    `env:"POSTROOM_KEEP_FAILED" default:"90d" help:"How long the record of a failed mail is kept." group:"Mail"`

	AdminAddr  string   `env:"POSTROOM_ADMIN_ADDR" default:"127.0.0.1:8080" help:"Health, metrics, dashboard; off for none." group:"Operators"`
	AdminHosts []string `env:"POSTROOM_ADMIN_HOSTS" placeholder:"HOST,…" help:"Host values answered beside those of loopback." group:"Operators"`
	AdminUser  string   `env:"POSTROOM_ADMIN_USER" help:"With POSTROOM_ADMIN_PASSWORD, asked for by everything but health; needed off loopback." group:"Operators"`

	Log      logFormat   `env:"POSTROOM_LOG" placeholder:"json|console" help:"Default: console on a terminal, else json." group:"Operators"`
	LogLevel logLevel    `env:"POSTROOM_LOG_LEVEL" default:"info" help:"debug, info, warn or error." group:"Operators"`
	Redact   redact.Mode `env:"POSTROOM_REDACT" default:"mask" help:"Addresses in logs: mask, full or none." group:"Operators"`

	GmailClientID    string `name:"gmail-client-id" env:"GMAIL_CLIENT_ID" help:"The default account's OAuth client; GMAIL_CLIENT_SECRET and GMAIL_REFRESH_TOKEN are variables only." group:"Gmail"`
	GmailCredentials string `env:"GMAIL_CREDENTIALS" placeholder:"FILE" help:"The client JSON that Google Cloud console gives, in place of ID and secret." group:"Gmail"`
	GmailEndpoint    string `env:"GMAIL_ENDPOINT" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`
	GmailTokenURL    string `name:"gmail-token-url" env:"GMAIL_TOKEN_URL" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`
}

// secret reads a setting that has no flag.
func secret(variable string) string { return os.Getenv(variable) }

// dropEmpty makes a variable that is set to nothing one that is not set, as
// compose files and unit files leave them.
func dropEmpty(environ []string) error {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		ours := strings.HasPrefix(name, "POSTROOM_") || strings.HasPrefix(name, "GMAIL_") || name == "REDIS_URL"
		if ours && value == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// backend is how mail leaves.
type backend string

const (
	backendGmail   backend = "gmail"
	backendConsole backend = "console"
	backendFile    backend = "file"
)

func (b *backend) UnmarshalText(text []byte) error {
	switch v := backend(text); v {
	case backendGmail, backendConsole, backendFile:
		*b = v
		return nil
	default:
		return fmt.Errorf("%q: must be gmail, console or file", text)
	}
}

// author is a From. Its address is the default account's.
type author struct{ mail.Address }

func (a *author) UnmarshalText(text []byte) error {
	parsed, err := tasks.ParseAddress(string(text))
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	a.Address = parsed
	return nil
}

// logFormat is how log lines look.
type logFormat string

const (
	logJSON    logFormat = "json"
	logConsole logFormat = "console"
)

func (f *logFormat) UnmarshalText(text []byte) error {
	switch v := logFormat(text); v {
	case logJSON, logConsole:
		*f = v
		return nil
	default:
		return fmt.Errorf("%q: must be json or console", text)
	}
}

// logLevel is the lowest level that is logged.
type logLevel struct{ zapcore.Level }

func (l *logLevel) UnmarshalText(text []byte) error {
	if err := l.Level.UnmarshalText(text); err != nil {
		return fmt.Errorf("%q: must be debug, info, warn or error", text)
	}
	return nil
}

// count is a whole number of 1 or more.
type count int

func (c *count) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("%q: must be a whole number of 1 or more", text)
	}
	*c = count(n)
	return nil
}

// days is a length of time, which may also be given in days, "90d".
type days time.Duration

func (d *days) UnmarshalText(text []byte) error {
	s := string(text)
	parsed, err := time.ParseDuration(s)
	if n, ok := strings.CutSuffix(s, "d"); ok {
		var whole uint64
		whole, err = strconv.ParseUint(n, 10, 16)
		parsed = time.Duration(whole) * 24 * time.Hour
	}
	if err != nil || parsed <= 0 {
		return fmt.Errorf("%q: must be a time like 30s, 72h or 7d", s)
	}
	*d = days(parsed)
	return nil
}
