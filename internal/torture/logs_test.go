package torture_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// knowledge is that a worker's process knew that Gmail had taken a mail.
type knowledge struct {
	since time.Time
	until time.Time // When it was killed; zero: it could say so to the ledger.
}

// logLine is what is read of a line of a worker's log.
type logLine struct {
	Time    time.Time `json:"time"`
	Message string    `json:"msg"`
	MailID  string    `json:"mail_id"`
	Outcome string    `json:"outcome"`
	Before  bool      `json:"settled_before"`
}

// unrecorded is what a process says that ended while Redis was away.
const unrecorded = "outcome not recorded: the process ends and Redis does not answer"

// known reads from all logs who knew of which mail that it was sent.
func (c *crew) known() map[string][]knowledge {
	all := map[string][]knowledge{}
	for _, p := range c.processes {
		var until time.Time
		if p.signal == syscall.SIGKILL {
			until = p.ended
		}
		for line := range strings.Lines(read(p.log)) {
			var l logLine
			if json.Unmarshal([]byte(line), &l) != nil {
				continue // It was cut off when the process was killed, or is a panic's.
			}
			switch {
			case l.Message == "delivery" && l.Outcome == "sent" && !l.Before:
				all[l.MailID] = append(all[l.MailID], knowledge{l.Time, until})
			case l.Message == unrecorded && len(all[l.MailID]) > 0:
				all[l.MailID][len(all[l.MailID])-1].until = p.ended
			}
		}
	}
	return all
}

// inLogs are the lines of all workers' logs in which a text stands.
func (c *crew) inLogs(text string) []string {
	var found []string
	for _, p := range c.processes {
		for line := range strings.Lines(read(p.log)) {
			if strings.Contains(line, text) {
				found = append(found, filepath.Base(p.log)+": "+strings.TrimSpace(line))
			}
		}
	}
	return found
}

// tail is the end of a log.
func tail(path string) string {
	log := read(path)
	const enough = 4 << 10
	return log[max(0, len(log)-enough):]
}

func read(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
