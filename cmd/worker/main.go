// Command worker sends the mail that producers put on the queue.
//
//	worker run     in production
//	worker dev     everything in one process, nothing to configure
//	worker check   look whether everything is in order
//	worker admin   only the operators' pages
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
)

// Exit statuses, the same in all of Postroom's commands. None is for a Redis
// that is away, as enqueue has: a worker waits for it.
const (
	exitFailed = 1 // It was tried, and failed.
	exitUsage  = 2 // What was asked is wrong.
)

// version is set by the build.
var version = "dev"

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		// Before anything stops: the second signal ends the process at once.
		signal.Stop(signals)
		stop()
	}()
	err := realMain(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker: "+err.Error())
		os.Exit(exitStatus(err))
	}
}

// commands are the command line.
type commands struct {
	Run     runCommand       `cmd:"" help:"Send mail, in production."`
	Dev     devCommand       `cmd:"" help:"Try everything in one process: embedded Redis, mail printed here, no configuration."`
	Check   checkCommand     `cmd:"" help:"Look whether configuration, Redis, templates and accounts are in order, a line each."`
	Admin   adminCommand     `cmd:"" help:"Serve the operators' pages alone, where the workers are many."`
	Version kong.VersionFlag `help:"Print the version and exit."`
}

// console is where a command prints: results to out, all else to err.
type console struct{ out, err io.Writer }

func realMain(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	redis.SetLogger(silence{})
	if err := dropEmpty(os.Environ()); err != nil {
		return err
	}
	var cli commands
	exited := false
	parser, err := kong.New(&cli,
		kong.Name("worker"),
		kong.Description("Postroom's worker: sends the mail that waits on the queue through Gmail."),
		kong.Vars{"version": version},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(console{stdout, stderr}),
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
	if e, ok := errors.AsType[*kong.ParseError](err); ok && e.Context.Selected() == nil {
		return fmt.Errorf("%w; see worker --help", err)
	}
	return err
}

// usageError is about what was asked: flags, variables, their values.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func exitStatus(err error) int {
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}
