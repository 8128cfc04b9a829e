package mailertest

import (
	"sync/atomic"
)

// Counts is what a fake was asked and how it answered.
type Counts struct {
	// Sends is how many requests to send came, whatever became of them.
	Sends int
	// Accepted is how many mails were taken, also those whose answer did not
	// say so.
	Accepted int
	// Tokens is how many requests came to the token endpoint. It is counted
	// for the fake alone, not by account.
	Tokens int
	// Lists and Gets are how many requests came to list and to get messages,
	// whatever became of them.
	Lists, Gets int
	// Resumable is how many resumable uploads were begun: a client that
	// wants one request a mail makes none.
	Resumable int
	// Answers are the sends by HTTP status; 0 stands for those that were cut
	// off without one.
	Answers map[int]int
	// Peak is the largest number of sends and look-ups that were under way at
	// once, those included that were refused for being one too many.
	Peak int
}

const maxStatus = 600

// counter counts without locks.
type counter struct {
	sends, accepted, tokens, lists, gets, resumable, peak atomic.Int64

	answers [maxStatus]atomic.Int64
}

func (c *counter) noteAnswer(status int) {
	if status >= 0 && status < maxStatus {
		c.answers[status].Add(1)
	}
}

func (c *counter) notePeak(n int64) {
	for {
		old := c.peak.Load()
		if n <= old || c.peak.CompareAndSwap(old, n) {
			return
		}
	}
}

func (c *counter) counts() Counts {
	answers := map[int]int{}
	for status := range c.answers {
		if n := c.answers[status].Load(); n > 0 {
			answers[status] = int(n)
		}
	}
	return Counts{
		Sends: int(c.sends.Load()), Accepted: int(c.accepted.Load()), Tokens: int(c.tokens.Load()),
		Lists: int(c.lists.Load()), Gets: int(c.gets.Load()),
		Resumable: int(c.resumable.Load()), Peak: int(c.peak.Load()), Answers: answers,
	}
}

// Counts returns what the fake was asked, over all accounts.
func (f *Fake) Counts() Counts { return f.counts() }

// CountsOf returns what the fake was asked in the name of one account.
func (f *Fake) CountsOf(address string) Counts {
	if a := f.account(address); a != nil {
		return a.counts()
	}
	return Counts{}
}
