package admin

import "time"

// Readiness is what a process says of itself.
type Readiness struct {
	// Stopping is true once the process was told to end: it takes no more mail.
	Stopping bool
	// Accounts are those that this process sends for. None of their states makes
	// it unready: other accounts' mail goes out.
	Accounts []Account
}

// Account is how an account's mail fares in this process.
type Account struct {
	// Address is the account's, in full. It is shown as Config.Redact says, and
	// to those only who may see the dashboard.
	Address string
	// State is one of the five.
	State State
	// Reason says why it is not sending, and what to do. Shown to the same
	// people only, addresses in it as Config.Redact says.
	Reason string
	// Until is when it goes on by itself; zero where nobody knows.
	Until time.Time
}

// State is what an account does.
type State string

// The states.
const (
	// Sending: it takes mail from its queues.
	Sending State = "sending"
	// Frozen: Gmail has it wait.
	Frozen State = "frozen"
	// Spent: its day is used up, for all but critical mail at first.
	Spent State = "spent"
	// Blocked: it cannot send until a person does something.
	Blocked State = "blocked"
	// Unreachable: Gmail, or the network, cannot be reached.
	Unreachable State = "unreachable"
)
