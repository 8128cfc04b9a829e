// Command enqueue hands mail to Postroom, and tells what became of it.
//
//	enqueue send      one mail, or many as JSON lines
//	enqueue status    what became of a mail
//	enqueue cancel    stop mail that has not left
//	enqueue retry     send again what failed
//	enqueue settle    say what became of mail whose outcome nobody knew
//	enqueue preview   render a template without sending
//
// Results go to stdout, all else to stderr. The exit status is 0 when done, 1
// when it failed, 2 when what was asked is wrong, 3 when Redis was not reached.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// Exit statuses, the same in all of Postroom's commands.
const (
	exitFailed = 1
	exitUsage  = 2
	exitRedis  = 3
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := realMain(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "enqueue: "+strings.ReplaceAll(err.Error(), "\n", "\nenqueue: "))
		os.Exit(exitStatus(err))
	}
}

// commands are the command line.
type commands struct {
	Send    sendCommand      `cmd:"" help:"Hand over one mail, or many as JSON lines; prints their IDs."`
	Status  statusCommand    `cmd:"" help:"Tell what became of a mail."`
	Cancel  cancelCommand    `cmd:"" help:"Stop mail that has not left."`
	Retry   retryCommand     `cmd:"" help:"Queue mail again that failed: a new round of attempts."`
	Settle  settleCommand    `cmd:"" help:"Say what became of mail that is unknown, or failed: it is done with then."`
	Preview previewCommand   `cmd:"" help:"Render a template without sending."`
	Version kong.VersionFlag `help:"Print the version and exit."`
}

// console is where a command reads and prints: results to out, all else to
// err.
type console struct {
	in       io.Reader
	out, err io.Writer
}

func realMain(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	redis.SetLogger(silence{})
	if err := dropEmpty("REDIS_URL", "POSTROOM_TEMPLATES", "POSTROOM_FROM", "POSTROOM_WAIT_REPLICAS"); err != nil {
		return err
	}
	var cli commands
	exited := false
	parser, err := kong.New(&cli,
		kong.Name("enqueue"),
		kong.Description("Hands mail to Postroom's queue, and tells what became of it."),
		kong.Vars{"version": version},
		kong.Writers(stdout, stderr),
		kong.WithHyphenPrefixedParameters(true), // A text may begin with a dash.
		kong.Exit(func(int) { exited = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(console{stdin, stdout, stderr}),
	)
	if err != nil {
		return err
	}
	call, err := parser.Parse(args)
	if exited { // --help and --version have been answered.
		return nil
	}
	if err != nil {
		return usageError{withHint(err)}
	}
	return call.Run()
}

// withHint says to who named no command that there is help.
func withHint(err error) error {
	e, ok := errors.AsType[*kong.ParseError](err)
	if !ok || e.Context.Selected() != nil {
		return err
	}
	return fmt.Errorf("%w; see enqueue --help", err)
}

// dropEmpty makes a variable that is set to nothing one that is not set, as
// compose files and unit files leave them.
func dropEmpty(variables ...string) error {
	for _, name := range variables {
		if value, set := os.LookupEnv(name); set && value == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// usageError is about what was asked.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func exitStatus(err error) int {
	if errors.Is(err, tasks.ErrUnavailable) || errors.Is(err, tasks.ErrLoginRefused) {
		return exitRedis
	}
	_, usage := errors.AsType[usageError](err)
	_, invalid := errors.AsType[*tasks.InvalidError](err)
	if usage || invalid || errors.Is(err, tasks.ErrIDTaken) {
		return exitUsage
	}
	return exitFailed
}

// silence keeps go-redis from writing to stderr: whoever asked Redis gets the
// error.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
