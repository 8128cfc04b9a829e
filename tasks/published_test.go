package tasks_test

import (
	"slices"
	"testing"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

// TestFrom holds an author against the account whose mail it is.
func TestFrom(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{Accounts: []directory.Account{
		{Address: "shop@example.com", Aliases: []string{"hello@example.com"}, Default: true},
		{Address: "news@example.com"},
		{Address: "dev@localhost", AnyFrom: true},
	}})
	client := tasks.NewClient(rdb)
	for _, c := range []struct{ account, from, want string }{
		{"", "", ""},
		{"", "Shop <Shop@example.com>", ""},
		{"", "hello@example.com", ""},
		{"Shop@Example.com", "HELLO@example.com", ""},
		{"news@example.com", "news@example.com", ""},
		{"dev@localhost", "anybody@example.org", ""},
		{"", "news@example.com", "is neither shop@example.com, whose mail it is, nor an alias of it (hello@example.com): " +
			"give account news@example.com"},
		{"news@example.com", "hello@example.com", "is neither news@example.com, whose mail it is, nor an alias of it (none): " +
			"Gmail would put the account in its place"},
	} {
		e := letter()
		e.Account, e.From = c.account, c.from
		_, err := client.Enqueue(t.Context(), e)
		if c.want == "" {
			if err != nil {
				t.Errorf("account %q, from %q: %v", c.account, c.from, err)
			}
			continue
		}
		if got, want := problems(t, err), []tasks.Problem{{Field: "from", Reason: c.want}}; !slices.Equal(got, want) {
			t.Errorf("account %q, from %q: problems %q, want %q", c.account, c.from, got, want)
		}
		if _, err := client.Enqueue(t.Context(), e, tasks.Force()); err != nil {
			t.Errorf("account %q, from %q, with Force: %v", c.account, c.from, err)
		}
	}
}

// TestNoDefault asks whose mail it is where nobody can say.
func TestNoDefault(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{})
	if r := enqueue(t, tasks.NewClient(rdb), letter()); r.Queue != "default" {
		t.Errorf("before the first login: queue %q, want the plain one", r.Queue)
	}
	publish(t, rdb, directory.Listing{Accounts: []directory.Account{{Address: "shop@example.com"}, {Address: "news@example.com"}}})
	client := tasks.NewClient(rdb)
	_, err := client.Enqueue(t.Context(), letter())
	want := []tasks.Problem{{
		Field: "account", Reason: "missing, and no account is the default; there are: news@example.com, shop@example.com",
	}}
	if got := problems(t, err); !slices.Equal(got, want) {
		t.Errorf("problems %q, want %q", got, want)
	}
	if r := enqueue(t, client, letter(), tasks.Force()); r.Queue != "default" {
		t.Errorf("with Force: queue %q, want the plain one", r.Queue)
	}
}
