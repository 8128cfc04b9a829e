// Command worker sends the mail that producers put on the queue.
//
//	worker run     in production
//	worker dev     everything in one process, nothing to configure
//	worker check   look whether everything is in order
//	worker admin   only the operators' pages
//	worker auth    the accounts that mail goes out from
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
)

// Exit statuses, the same in all of Postroom's commands.
const (
	exitFailed = 1 // It was tried, and failed.
	exitUsage  = 2 // What was asked is wrong.
	exitRedis  = 3 // Redis was not reached: of auth alone, since a worker waits for it.
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
	err := realMain(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker: "+strings.ReplaceAll(err.Error(), "\n", "\nworker: "))
		os.Exit(exitStatus(err))
	}
}

// commands are the command line.
type commands struct {
	Run     runCommand       `cmd:"" help:"Send mail, in production."`
	Dev     devCommand       `cmd:"" help:"Try everything in one process: embedded Redis, mail printed here, no configuration."`
	Check   checkCommand     `cmd:"" help:"Look whether configuration, Redis, templates and accounts are in order, a line each."`
	Admin   adminCommand     `cmd:"" help:"Serve the operators' pages alone, where the workers are many."`
	Auth    authCommand      `cmd:"" help:"The accounts that mail goes out from: log in, import, list, test, set, rekey, revoke."`
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

// withHint says to who named no command, or only the first half of one, that
// there is help.
func withHint(err error) error {
	e, ok := errors.AsType[*kong.ParseError](err)
	if !ok {
		return err
	}
	switch at := e.Context.Selected(); {
	case at == nil:
		return fmt.Errorf("%w; see worker --help", err)
	case len(at.Children) > 0:
		return fmt.Errorf("%w; see %s --help", err, at.FullPath())
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
	if _, ok := errors.AsType[redisError](err); ok {
		return exitRedis
	}
	return exitFailed
}
