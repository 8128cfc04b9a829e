package ledger_test

import (
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/ledger"
)

// TestFinishWithWhereTheLoginIsRefused says so: go-redis tells no command of a
// pipeline of it.
func TestFinishWithWhereTheLoginIsRefused(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: redistest.Start(t).Addr, Username: "eve", Password: "hunter2"})
	t.Cleanup(func() { _ = rdb.Close() })
	change := ledger.Change{Token: "a", To: ledger.Sent, GmailID: "b"}
	_, ok, err := ledger.New(rdb, ledger.Lifetimes{}).FinishWith(t.Context(), "mail-1", change, func(redis.Pipeliner) {})
	if ok || !redis.HasErrorPrefix(errors.Unwrap(err), "WRONGPASS") {
		t.Errorf("%v, %v; want Redis's own words", ok, err)
	}
}
