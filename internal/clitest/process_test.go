package clitest_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// process is a command that runs beside its script.
type process struct {
	cmd   *exec.Cmd
	stdin io.Writer
	done  chan struct{}
}

// killAll ends what a script has left running.
func (w *world) killAll() {
	for _, p := range w.processes {
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// within takes a time limit from the front of a script command's arguments.
func within(ts *testscript.TestScript, args []string) (time.Duration, []string) {
	if len(args) < 2 || args[0] != "-within" {
		return patience, args
	}
	limit, err := time.ParseDuration(args[1])
	ts.Check(err)
	if raceDetector {
		limit *= 3
	}
	return limit, args[2:]
}

// exits is `exits [-within TIME] STATUS PROGRAM ARG…`.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	limit, args := within(ts, args)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits [-within TIME] STATUS PROGRAM ARG…")
	}
	begun := time.Now()
	err := ts.Exec(args[1], args[2:]...)
	took := time.Since(begun)
	worldOf(ts).holdSecrets(ts, args[1], ts.ReadFile("stdout")+ts.ReadFile("stderr"))
	if got := exitStatus(err); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
	if took > limit {
		ts.Fatalf("took %v, more than %v", took, limit)
	}
}

// eventually is `eventually STATUS PROGRAM ARG…`.
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually STATUS PROGRAM ARG…")
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		got := exitStatus(ts.Exec(args[1], args[2:]...))
		worldOf(ts).holdSecrets(ts, args[1], ts.ReadFile("stdout")+ts.ReadFile("stderr"))
		if got == args[0] {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("exit status still %s after %v, want %s", got, patience, args[0])
		}
	}
}

// exitStatus is a number, a signal's name, or what went wrong.
func exitStatus(err error) string {
	if err == nil {
		return "0"
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return err.Error()
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return strconv.Itoa(exit.ExitCode())
}

// start is `start NAME PROGRAM ARG…`.
func start(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || len(args) < 2 || w.processes[args[0]] != nil {
		ts.Fatalf("usage: start NAME PROGRAM ARG…, each name once")
	}
	ts.Check(ts.Exec("env")) // The one way to a script's environment.
	environ := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	path, err := lookIn(ts.Getenv("PATH"), args[1])
	ts.Check(err)
	p := &process{cmd: exec.Command(path, args[2:]...), done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.SysProcAttr = environ, ts.MkAbs("."), dieWithParent()
	stdout, err := os.Create(ts.MkAbs(args[0] + ".out"))
	ts.Check(err)
	stderr, err := os.Create(ts.MkAbs(args[0] + ".err"))
	ts.Check(err)
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	p.stdin, err = p.cmd.StdinPipe()
	ts.Check(err)
	ts.Check(p.cmd.Start())
	ts.Check(errors.Join(stdout.Close(), stderr.Close()))
	w.processes[args[0]] = p
	go func() {
		_ = p.cmd.Wait() // ended reads the ProcessState.
		close(p.done)
	}()
}

// types is `types NAME FILE`: a running command gets what stands in the file.
func types(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || worldOf(ts).processes[args[0]] == nil {
		ts.Fatalf("usage: types NAME FILE")
	}
	_, err := io.WriteString(worldOf(ts).processes[args[0]].stdin, ts.ReadFile(args[1]))
	ts.Check(err)
}

func lookIn(path, program string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if found, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s: not found", program)
}

// await is `await FILE REGEXP [VARIABLE…]`.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await FILE REGEXP [VARIABLE…]")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		content := ts.ReadFile(args[0])
		if groups := pattern.FindStringSubmatch(content); groups != nil {
			for i, variable := range args[2:] {
				ts.Setenv(variable, groups[i+1])
			}
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s has no %q after %v:\n%s", args[0], args[1], patience, content)
		}
	}
}

// signal is `signal NAME TERM|INT|HUP|KILL`.
func signal(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL}
	p := worldOf(ts).processes[args[0]]
	if p == nil || signals[args[1]] == nil {
		ts.Fatalf("usage: signal NAME TERM|INT|HUP|KILL")
	}
	ts.Check(p.cmd.Process.Signal(signals[args[1]]))
}

// ended is `ended [-within TIME] NAME STATUS`.
func ended(ts *testscript.TestScript, neg bool, args []string) {
	limit, args := within(ts, args)
	w := worldOf(ts)
	if neg || len(args) != 2 || w.processes[args[0]] == nil {
		ts.Fatalf("usage: ended [-within TIME] NAME STATUS")
	}
	p := w.processes[args[0]]
	timer := time.NewTimer(limit)
	defer timer.Stop()
	output := func() string { return ts.ReadFile(args[0]+".out") + ts.ReadFile(args[0]+".err") }
	select {
	case <-p.done:
	case <-timer.C:
		ts.Fatalf("%s still runs after %v:\n%s", args[0], limit, output())
	}
	w.holdSecrets(ts, args[0], output())
	got := strconv.Itoa(p.cmd.ProcessState.ExitCode())
	if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		got = status.Signal().String()
	}
	if got != args[1] {
		ts.Fatalf("%s ended with %s, want %s:\n%s", args[0], got, args[1], output())
	}
}
