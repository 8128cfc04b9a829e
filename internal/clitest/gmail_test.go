package clitest_test

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postroom/postroom/mailer/mailertest"
)

// gmailFaults is `gmail FAULT…`.
func gmailFaults(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, ":")
		worldOf(ts).fake.Script(fault(ts, name, value))
	}
}

func fault(ts *testscript.TestScript, name, value string) mailertest.Fault {
	switch name {
	case "pass":
		return mailertest.Fault{}
	case "400":
		return mailertest.InvalidArgument("Invalid To header")
	case "429":
		return mailertest.TooManyRequestsRetryAfter(value)
	case "429text":
		return mailertest.TooManyRequests(time.Now().Add(time.Second))
	case "429untimed":
		return mailertest.TooManyRequestsNoTime()
	case "500":
		return mailertest.InternalError()
	case "502":
		return mailertest.BadGateway()
	case "503":
		return mailertest.BackendError()
	case "cut":
		return mailertest.Cut()
	case "slow":
		d, err := time.ParseDuration(value)
		ts.Check(err)
		return mailertest.Slow(d)
	default:
		ts.Fatalf("no such fault: %s", name)
		return mailertest.Fault{}
	}
}

// gmailRevoke is `gmail-revoke [ADDRESS]`.
func gmailRevoke(ts *testscript.TestScript, _ bool, args []string) {
	worldOf(ts).fake.Revoke(append(args, mailertest.DefaultAddress)[0])
}

// gmailRestore is `gmail-restore ADDRESS`.
func gmailRestore(ts *testscript.TestScript, _ bool, args []string) {
	worldOf(ts).fake.Restore(args[0])
}

// gmailAsked is `gmail-asked N`.
func gmailAsked(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); worldOf(ts).fake.Counts().Sends < want; time.Sleep(pause) {
		if time.Now().After(deadline) {
			ts.Fatalf("Gmail was asked %d times after %v, want %d", worldOf(ts).fake.Counts().Sends, patience, want)
		}
	}
}

// gmailAccepted is `gmail-accepted ID N [FILE]`.
func gmailAccepted(ts *testscript.TestScript, _ bool, args []string) {
	copies := worldOf(ts).fake.AcceptedByMailID(args[0])
	if strconv.Itoa(len(copies)) != args[1] {
		ts.Fatalf("Gmail took %d copies of %s, want %s", len(copies), args[0], args[1])
	}
	if len(args) > 2 {
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), copies[len(copies)-1].Raw, 0o600))
	}
}

func gmailTotal(ts *testscript.TestScript, _ bool, args []string) {
	if n := worldOf(ts).fake.Counts().Accepted; strconv.Itoa(n) != args[0] {
		ts.Fatalf("Gmail took %d mails, want %s", n, args[0])
	}
}

// delivery is the log's line of a mail that was sent.
type delivery struct {
	MailID   string `json:"mail_id"`
	Queue    string `json:"queue"`
	Account  string `json:"account"`
	Attempt  int    `json:"attempt"`
	Outcome  string `json:"outcome"`
	TookMS   *int   `json:"took_ms"`
	GmailID  string `json:"gmail_id"`
	ThreadID string `json:"thread_id"`
}

// agree is `agree LOG ID…`: each mail was sent once, and status and log say of
// it what the fake Gmail does.
func agree(ts *testscript.TestScript, _ bool, args []string) {
	sent := map[string][]delivery{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		var d delivery
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			ts.Fatalf("not a JSON line in %s: %v: %s", args[0], err, line)
		}
		if d.Outcome == "sent" {
			sent[d.MailID] = append(sent[d.MailID], d)
		}
	}
	for _, id := range args[1:] {
		copies := worldOf(ts).fake.AcceptedByMailID(id)
		if len(copies) != 1 || len(sent[id]) != 1 {
			ts.Fatalf("%s: %d copies at Gmail, %d lines in the log, want 1 and 1", id, len(copies), len(sent[id]))
		}
		gmail, logged := copies[0], sent[id][0]
		ts.Check(ts.Exec("enqueue", "status", "--json", id))
		var status struct {
			State    string `json:"state"`
			Account  string `json:"account"`
			Attempts int    `json:"attempts"`
			GmailID  string `json:"gmail_id"`
			ThreadID string `json:"thread_id"`
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &status))
		if status.State != "sent" || status.GmailID != gmail.ID || status.ThreadID != gmail.ThreadID || status.Account != gmail.Account {
			ts.Fatalf("%s: status %+v, but Gmail has %s in thread %s of %s", id, status, gmail.ID, gmail.ThreadID, gmail.Account)
		}
		if logged.GmailID != gmail.ID || logged.ThreadID != gmail.ThreadID || logged.Attempt != status.Attempts ||
			logged.TookMS == nil || logged.Queue == "" || logged.Account == "" {
			ts.Fatalf("%s: log %+v does not fit status %+v", id, logged, status)
		}
	}
}
