package ledgermodel_test

// A scenario is what may go wrong in one exploration, and how often; with all of
// it at once there would be too many worlds. Each runs with both rules for an
// unknown outcome.
type scenario struct {
	name      string
	canLookUp bool
	left      plenty
}

// Names of scenarios that others ask for.
const (
	dies      = "two handlers, of which one may die"
	stops     = "two handlers that are stopped, or can't send"
	newRounds = "an operator who asks for new rounds"
	noTask    = "a mail without a task"
	looksUp   = "a dead handler's mail is looked up"
	looksFail = "look-ups that fail"
)

// usual are explored whenever the tests run.
var usual = []scenario{
	{"a mail goes its way", false, plenty{enqueues: 1, starts: 3}},
	{dies, false, plenty{
		enqueues: 1, starts: 3, takeBacks: 1, crashes: 1, lost: 1, longPauses: 1, shortPauses: 2,
	}},
	{stops, false, plenty{
		enqueues: 1, starts: 2, takeBacks: 1, crashes: 1, lost: 1, longPauses: 1, shortPauses: 1, stops: 1, oddities: 1,
	}},
	{"two handlers and a late command", false, plenty{
		enqueues: 1, starts: 2, takeBacks: 1, crashes: 1, late: 1, longPauses: 1, shortPauses: 1,
	}},
	{"a handler, a late command and a stop", false, plenty{
		enqueues: 1, starts: 2, crashes: 1, late: 1, longPauses: 1, shortPauses: 1, stops: 1, oddities: 1,
	}},
	{"two handlers and an operator", false, plenty{
		enqueues: 1, starts: 2, takeBacks: 1, acts: 2, longPauses: 1, shortPauses: 1,
	}},
	{"an operator whose commands break off", false, plenty{
		enqueues: 1, starts: 2, acts: 2, crashes: 1, lost: 1, longPauses: 1, shortPauses: 1,
	}},
	{newRounds, false, plenty{enqueues: 1, starts: 5, acts: 2}},
	{"a producer who calls again", false, plenty{enqueues: 2, starts: 2, acts: 1, crashes: 1, breaks: 1}},
	{noTask, false, plenty{
		enqueues: 1, starts: 2, acts: 1, takeBacks: 1, crashes: 1, breaks: 1,
	}},
	{looksUp, true, plenty{
		enqueues: 1, starts: 4, crashes: 1, breaks: 1, longPauses: 1, shortPauses: 1, lost: 1,
	}},
	{looksFail, true, plenty{enqueues: 1, starts: 4, acts: 1, breaks: 1, unfindable: 2}},
}

// wide are explored with POSTROOM_MODEL=wide: some minutes, and up to two GB.
var wide = []scenario{
	{dies, false, plenty{
		enqueues: 1, starts: 4, takeBacks: 2, crashes: 1, lost: 1, longPauses: 1, shortPauses: 2,
	}},
	{stops, false, plenty{
		enqueues: 1, starts: 3, takeBacks: 1, crashes: 1, lost: 1, longPauses: 1, shortPauses: 1, stops: 1, oddities: 1,
	}},
	{"three handlers and a late command", false, plenty{
		enqueues: 1, starts: 3, takeBacks: 1, crashes: 1, late: 1, longPauses: 1, shortPauses: 2,
	}},
	{"two handlers and an operator", false, plenty{
		enqueues: 1, starts: 3, takeBacks: 1, acts: 2, crashes: 1, longPauses: 1, shortPauses: 1,
	}},
	{"a producer who calls again", false, plenty{
		enqueues: 2, starts: 2, acts: 2, crashes: 1, lost: 1, breaks: 1,
	}},
	{"two handlers and a look-up", true, plenty{
		enqueues: 1, starts: 4, takeBacks: 1, crashes: 1, breaks: 2, unfindable: 1, longPauses: 1, shortPauses: 1,
	}},
}
