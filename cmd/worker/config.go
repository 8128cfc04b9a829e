package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"os"
	"strconv"
	"strings"

	"go.uber.org/zap/zapcore"

	"github.com/postroom/postroom/internal/clivalue"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/redact"
)

// The settings, in the groups in which commands read them: a command takes those
// that do something there, and its help lists no other. Each setting has a flag
// and a variable; those that hold a secret have a variable only, since a process
// list shows flags. A ${name=text} is what a command may say otherwise.

// redisConfig says where the queue is.
type redisConfig struct {
	RedisURL string `name:"redis-url" env:"REDIS_URL" default:"redis://127.0.0.1:6379/0" help:"The queue's Redis. A password in it shows in a process list: set the variable." group:"Redis"`
}

// replicasConfig says how Redis is to keep what a worker writes.
type replicasConfig struct {
	WaitReplicas clivalue.Replicas `env:"POSTROOM_WAIT_REPLICAS" default:"0" help:"Wait for so many replicas when a mail is claimed and when it is recorded as sent; 0: none." group:"Redis"`
}

// backendConfig says how mail leaves.
type backendConfig struct {
	Backend backend `env:"POSTROOM_BACKEND" placeholder:"gmail|console|file" help:"How mail leaves. There is no default: a worker does not guess." group:"Mail"`
}

// workerConfig is what a worker that sends is told beside these two.
type workerConfig struct {
	mailConfig     `embed:""`
	deliveryConfig `embed:""`
	operatorConfig `embed:""`
	logConfig      `embed:""`

	waitReplicas int // Of dev's own Redis there are none.
}

// mailConfig says what mail is made of, and opens its backend.
type mailConfig struct {
	FileDir     string  `env:"POSTROOM_FILE_DIR" default:"./outbox" help:"The file backend's Maildir." group:"Mail"`
	From        mailbox `env:"POSTROOM_FROM" placeholder:"ADDRESS" help:"From of mail that names none; its address is the default account's.${from=}" group:"Mail"`
	RedirectAll mailbox `env:"POSTROOM_REDIRECT_ALL" placeholder:"ADDRESS" help:"For staging: all mail goes to this address, and to nobody else." group:"Mail"`
	Templates   string  `env:"POSTROOM_TEMPLATES" placeholder:"DIR" help:"Templates. Default: ./templates, else the built-in set." group:"Mail"`

	oauthConfig   `kong:"embed,set='client=The OAuth client of the account in the environment; GMAIL_CLIENT_SECRET and GMAIL_REFRESH_TOKEN are variables only.'"`
	GmailEndpoint string `env:"GMAIL_ENDPOINT" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`

	remember func(mailer.Sender) mailer.Sender // Of dev alone.
}

// through is the sender that mail leaves by: in dev it is remembered on the way.
func (c *mailConfig) through(s mailer.Sender) mailer.Sender {
	if c.remember == nil {
		return s
	}
	return c.remember(s)
}

// oauthConfig says in whose name access tokens are asked for, and where.
type oauthConfig struct {
	GmailClientID    string    `name:"gmail-client-id" env:"GMAIL_CLIENT_ID" placeholder:"ID" help:"${client=The OAuth client; GMAIL_CLIENT_SECRET is a variable only.}" group:"Gmail"`
	GmailCredentials string    `env:"GMAIL_CREDENTIALS" placeholder:"FILE" help:"The client JSON that Google Cloud console gives, in place of ID and secret." group:"Gmail"`
	GmailTokenURL    googleURL `name:"gmail-token-url" env:"GMAIL_TOKEN_URL" placeholder:"URL" help:"In place of Google's; plain http to loopback only.${stored=}" group:"Gmail"`
}

// lookup is os.LookupEnv, where flags go before variables.
func (c *oauthConfig) lookup(variable string) (string, bool) {
	flags := map[string]string{
		accounts.EnvClientID: c.GmailClientID, accounts.EnvCredentials: c.GmailCredentials,
		accounts.EnvTokenURL: string(c.GmailTokenURL),
	}
	if value, isFlag := flags[variable]; isFlag {
		return value, value != ""
	}
	return os.LookupEnv(variable)
}

// deliveryConfig says how mail is delivered, and what is kept of it.
type deliveryConfig struct {
	Concurrency handlers          `env:"POSTROOM_CONCURRENCY" default:"4" help:"Handlers an account and process, for default and bulk mail and again for critical mail; at most 1000." group:"Mail"`
	Limits      limitsConfig      `embed:""`
	Attempts    count             `env:"POSTROOM_ATTEMPTS" default:"12" help:"A mail is given up after so many." group:"Mail"`
	MaxAge      clivalue.Duration `env:"POSTROOM_MAX_AGE" default:"72h" help:"A mail is given up after so long in retries." group:"Mail"`
	Grace       clivalue.Duration `env:"POSTROOM_GRACE" default:"30s" help:"For what is sending when told to stop." group:"Mail"`
	KeepSent    clivalue.Duration `env:"POSTROOM_KEEP_SENT" default:"7d" help:"How long the record of a sent or cancelled mail is kept." group:"Mail"`
	KeepFailed  clivalue.Duration `env:"POSTROOM_KEEP_FAILED" default:"90d" help:"How long the record of a failed, unknown or expired mail is kept." group:"Mail"`
}

// operatorConfig says where operators are answered, and what they see.
type operatorConfig struct {
	AdminAddr  string      `env:"POSTROOM_ADMIN_ADDR" default:"127.0.0.1:8080" help:"Health, metrics, dashboard${off=; off for none}.${busy=}" group:"Operators"`
	AdminHosts []string    `env:"POSTROOM_ADMIN_HOSTS" placeholder:"HOST" help:"Host values answered beside those of loopback." group:"Operators"`
	AdminUser  string      `env:"POSTROOM_ADMIN_USER" help:"With POSTROOM_ADMIN_PASSWORD, asked for by everything but health; needed off loopback." group:"Operators"`
	Redact     redact.Mode `env:"POSTROOM_REDACT" default:"mask" help:"Addresses in ${shown=logs, metrics and dashboard}: mask, full or none." group:"Operators"`

	pages http.Handler // Of dev alone.
}

// logConfig says what is logged, and in what form.
type logConfig struct {
	Log      logFormat `env:"POSTROOM_LOG" placeholder:"json|console" help:"Default: ${log=console on a terminal, else json}." group:"Operators"`
	LogLevel logLevel  `env:"POSTROOM_LOG_LEVEL" default:"info" help:"debug, info, warn or error." group:"Operators"`
}

// clientConfig says in whose name accounts are asked for their consent, and who
// says whose it is.
type clientConfig struct {
	oauthConfig      `kong:"embed,set='stored= It is stored with the account.'"`
	GmailUserinfoURL googleURL `name:"gmail-userinfo-url" env:"GMAIL_USERINFO_URL" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`
}

func (c *clientConfig) check() error {
	return errors.Join(c.GmailTokenURL.check("GMAIL_TOKEN_URL"), c.GmailUserinfoURL.check("GMAIL_USERINFO_URL"))
}

// consentConfig says where consents are given.
type consentConfig struct {
	GmailAuthURL googleURL `name:"gmail-auth-url" env:"GMAIL_AUTH_URL" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`
}

// revokeConfig says where they are ended.
type revokeConfig struct {
	GmailRevokeURL googleURL `name:"gmail-revoke-url" env:"GMAIL_REVOKE_URL" placeholder:"URL" help:"In place of Google's; plain http to loopback only." group:"Gmail"`
}

// secret reads a setting that has no flag.
func secret(variable string) string { return os.Getenv(variable) }

// dropEmpty makes a variable that is set to nothing one that is not set, as
// compose files and unit files leave them.
func dropEmpty(environ []string) error {
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if clivalue.IsSetting(name) && value == "" {
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

// mailbox is an address, with a name or without: of a From it is the default
// account's.
type mailbox struct{ mail.Address }

func (a *mailbox) UnmarshalText(text []byte) error {
	parsed, err := tasks.ParseAddress(string(text))
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	a.Address = parsed
	return nil
}

// googleURL is in place of one of Google's addresses, to which secrets are sent.
type googleURL string

// check is no UnmarshalText, whose errors are shown with the variable's value: an
// address may hold a password.
func (u googleURL) check(variable string) error {
	if u == "" {
		return nil
	}
	if err := accounts.CheckURL(string(u)); err != nil {
		return usageError{fmt.Errorf("%s %w", variable, err)}
	}
	return nil
}

// accountAddress is an address alone, in lower case.
type accountAddress string

func (a *accountAddress) UnmarshalText(text []byte) error {
	address, err := accounts.ParseAddress(string(text))
	if err != nil {
		return fmt.Errorf("%.200q %w", text, err)
	}
	*a = accountAddress(address)
	return nil
}

// aliasAddress is the address of an alias, or noAlias.
type aliasAddress string

// noAlias in place of an address means that there is none.
const noAlias aliasAddress = "none"

func (a *aliasAddress) UnmarshalText(text []byte) error {
	if *a = aliasAddress(text); *a == noAlias {
		return nil
	}
	return (*accountAddress)(a).UnmarshalText(text)
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

// handlers is how many mails an account's lanes may have in hand at once.
type handlers int

// maxHandlers keeps a process to some 500 connections to Redis, which takes
// 10,000 from all its clients: four handlers hold two, one of them for critical
// mail.
const maxHandlers = 1000

func (h *handlers) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > maxHandlers {
		return fmt.Errorf("%q: must be a whole number from 1 to %d", text, maxHandlers)
	}
	*h = handlers(n)
	return nil
}
