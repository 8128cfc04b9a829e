package tasks

import (
	"context"
	"iter"
	"strings"

	"github.com/postroom/postroom/tasks/ledger"
)

// Failures says which mail Failed lists: all that failed, unless a field says
// less.
type Failures struct {
	// Unknown lists the mail whose outcome nobody knows in place of what failed.
	Unknown bool
	// Lane is that of its queue.
	Lane Lane
	// Account sent it, or last tried to, as Status says.
	Account string
	// Reason stands in its error, in capitals or not.
	Reason string
	// Job is the bulk job that it belongs to.
	Job string
}

// failedPage is how many records one round trip reads.
const failedPage = 100

// Failed lists mail that failed, or is unknown, and that nobody has settled, in
// no order. It reads page by page, so that it may be any number. What changes
// meanwhile may be there or not, and seldom twice. It ends with the first error.
func (c *Client) Failed(ctx context.Context, which Failures) iter.Seq2[Status, error] {
	return func(yield func(Status, error) bool) {
		for shard := range ledger.Shards {
			for cursor, more := uint64(0), true; more; {
				page, err := c.failedPage(ctx, shard, cursor)
				if err != nil {
					yield(Status{}, err)
					return
				}
				for _, rec := range page.Records {
					if s := status(rec.ID, rec); which.has(s) && !yield(s, nil) {
						return
					}
				}
				cursor, more = page.Next, page.Next != 0
			}
		}
	}
}

func (c *Client) failedPage(ctx context.Context, shard int, cursor uint64) (ledger.Page, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	page, err := c.ledger.Failed(ctx, shard, cursor, failedPage)
	return page, unavailableOrNil(ctx, err)
}

func (f *Failures) has(s Status) bool {
	lane, _, _ := ParseQueue(s.Queue)
	want := StateFailed
	if f.Unknown {
		want = StateUnknown
	}
	return s.State == want &&
		(f.Lane == "" || f.Lane == lane) &&
		(f.Account == "" || strings.EqualFold(f.Account, s.Account)) &&
		(f.Reason == "" || strings.Contains(strings.ToLower(s.Error), strings.ToLower(f.Reason))) &&
		(f.Job == "" || strings.HasPrefix(s.ID, f.Job+":"))
}
