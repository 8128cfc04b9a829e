package directory_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/directory"
)

const (
	entriesKey   = "postroom:{directory}:entries"
	publishedKey = "postroom:{directory}:published"
)

// onEach runs a test on a real Redis and on the embedded one of `worker dev`.
func onEach(t *testing.T, test func(t *testing.T, rdb *redis.Client)) {
	t.Helper()
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.Start(t).Client())
	})
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		test(t, embedded(t))
	})
}

func embedded(tb testing.TB) *redis.Client {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: miniredis.RunT(tb).Addr()})
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func publish(t *testing.T, rdb *redis.Client, l directory.Listing) {
	t.Helper()
	if err := directory.New(rdb).Publish(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, rdb *redis.Client) directory.Directory {
	t.Helper()
	d, err := directory.New(rdb).Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// elapse lets time go by for all that has been published.
func elapse(t *testing.T, rdb *redis.Client, d time.Duration) {
	t.Helper()
	members, err := rdb.ZRange(t.Context(), publishedKey, 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range members {
		if err := rdb.ZIncrBy(t.Context(), publishedKey, -float64(d.Milliseconds()), member).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func templates(names ...string) directory.Listing {
	var l directory.Listing
	for _, name := range names {
		l.Templates = append(l.Templates, directory.Template{Name: name})
	}
	return l
}

func checkTemplates(t *testing.T, rdb *redis.Client, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, read(t, rdb).TemplateNames()); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
}

func TestWhatIsPublishedIsRead(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		shop := directory.Account{
			Address: "Shop@example.com", Aliases: []string{"hello@example.com"}, Default: true,
			Limits:  &directory.Limits{Rate: 60, Daily: 2000, Recipients: 10_000, Concurrency: 4},
			Trouble: &directory.Trouble{Blocked: true, Until: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC), Reason: "invalid_grant"},
		}
		news := directory.Account{Address: "news@example.com"}
		publish(t, rdb, directory.Listing{
			Accounts:  []directory.Account{shop, news},
			Templates: []directory.Template{{Name: "welcome"}, {Name: "account:odd:name"}, {Name: "häufig"}},
		})

		d := read(t, rdb)
		if !d.Known() {
			t.Error("the directory is not known")
		}
		checkTemplates(t, rdb, "account:odd:name", "häufig", "welcome")
		if len(d.Template("welcome")) != 1 || len(d.Template("Welcome")) != 0 || len(d.Template("")) != 0 {
			t.Error("Template: want welcome, and nothing that is merely like it")
		}
		if diff := cmp.Diff([]string{"news@example.com", "Shop@example.com"}, d.Addresses()); diff != "" {
			t.Errorf("addresses (-want +got):\n%s", diff)
		}
		for _, address := range []string{"Shop@example.com", "shop@example.com", "SHOP@EXAMPLE.COM"} {
			got, ok := d.Account(address)
			if diff := cmp.Diff(shop, got); !ok || diff != "" {
				t.Errorf("Account(%q): %v (-want +got):\n%s", address, ok, diff)
			}
		}
		for _, address := range []string{"hello@example.com", "nobody@example.com", ""} {
			if got, ok := d.Account(address); ok {
				t.Errorf("Account(%q) is %+v, want none", address, got)
			}
		}
		if got, ok := d.Default(); !ok || got.Address != shop.Address {
			t.Errorf("the default account is %q, %v", got.Address, ok)
		}
	})
}

func TestNothingPublishedIsNotKnown(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, d directory.Directory) {
		t.Helper()
		if d.Known() || len(d.Template("welcome")) != 0 || len(d.TemplateNames()) != 0 || len(d.Addresses()) != 0 {
			t.Errorf("%+v knows something", d)
		}
		if _, ok := d.Account("shop@example.com"); ok {
			t.Error("there is an account")
		}
		if _, ok := d.Default(); ok {
			t.Error("there is a default account")
		}
	}
	check(t, directory.Directory{})
	onEach(t, func(t *testing.T, rdb *redis.Client) { check(t, read(t, rdb)) })
}

func TestEmptyListingIsKnown(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, directory.Listing{})
		if d := read(t, rdb); !d.Known() || len(d.TemplateNames()) != 0 {
			t.Errorf("after an empty listing: %+v, want a known and empty directory", d)
		}
	})
}

func TestRollingDeploy(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, templates("both", "old"))
		publish(t, rdb, templates("both", "new"))
		checkTemplates(t, rdb, "both", "new", "old")

		// The old version has stopped; the new one goes on.
		elapse(t, rdb, directory.Freshness-directory.PublishEvery/2)
		publish(t, rdb, templates("both", "new"))
		checkTemplates(t, rdb, "both", "new", "old")
		elapse(t, rdb, directory.PublishEvery)
		publish(t, rdb, templates("both", "new"))
		checkTemplates(t, rdb, "both", "new")
		if directory.Freshness+directory.PublishEvery > time.Minute {
			t.Error("what a deploy removed takes more than a minute to go")
		}
	})
}

// TestTwoVersionsOfATemplate stand side by side while a deploy goes on, the one
// last published first.
func TestTwoVersionsOfATemplate(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		before := directory.Template{Name: "welcome", Data: json.RawMessage(`{"required":["name"]}`)}
		after := directory.Template{Name: "welcome", Locales: []string{"de"}, Data: json.RawMessage(`{"required":["first_name"]}`)}
		for _, one := range []directory.Template{after, before} {
			publish(t, rdb, directory.Listing{Templates: []directory.Template{one}})
			elapse(t, rdb, directory.PublishEvery)
		}
		publish(t, rdb, directory.Listing{Templates: []directory.Template{after}})
		check := func(want ...directory.Template) {
			t.Helper()
			if diff := cmp.Diff(want, read(t, rdb).Template("welcome")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			checkTemplates(t, rdb, "welcome")
		}
		check(after, before)
		elapse(t, rdb, directory.Freshness)
		publish(t, rdb, directory.Listing{Templates: []directory.Template{after}})
		check(after)
	})
}

func TestStoppedWorkersLeaveTheirDirectory(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, templates("welcome"))
		elapse(t, rdb, 30*24*time.Hour)
		checkTemplates(t, rdb, "welcome")
		if ttl := rdb.PTTL(t.Context(), entriesKey).Val(); ttl != -1 {
			t.Errorf("the entries end in %v, want never", ttl)
		}
	})
}

func TestLaterPublicationStands(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		account := func(address string, isDefault bool, aliases ...string) directory.Listing {
			return directory.Listing{Accounts: []directory.Account{
				{Address: address, Default: isDefault, Aliases: aliases},
			}}
		}
		checkDefault := func(want string) {
			t.Helper()
			if got, ok := read(t, rdb).Default(); got.Address != want || ok != (want != "") {
				t.Errorf("the default account is %q, want %q", got.Address, want)
			}
		}
		publish(t, rdb, account("b@example.com", true, "old@example.com"))
		checkDefault("b@example.com")
		elapse(t, rdb, time.Second)
		publish(t, rdb, account("c@example.com", true))
		checkDefault("c@example.com")
		elapse(t, rdb, time.Second)
		publish(t, rdb, account("a@example.com", false))
		checkDefault("c@example.com")
		elapse(t, rdb, time.Second)
		publish(t, rdb, account("B@example.com", true, "new@example.com"))
		checkDefault("B@example.com")

		got, _ := read(t, rdb).Account("b@example.com")
		if diff := cmp.Diff([]string{"new@example.com"}, got.Aliases); diff != "" {
			t.Errorf("aliases (-want +got):\n%s", diff)
		}
	})
}

func TestDefaultsOfOnePublicationGoByAddress(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, directory.Listing{Accounts: []directory.Account{
			{Address: "c@example.com", Default: true},
			{Address: "b@example.com", Default: true},
			{Address: "a@example.com"},
		}})
		if got, _ := read(t, rdb).Default(); got.Address != "b@example.com" {
			t.Errorf("the default account is %q", got.Address)
		}
	})
}

func TestOldEntriesAreRemoved(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, templates("stays", "goes"))
		elapse(t, rdb, 23*time.Hour)
		publish(t, rdb, templates("stays"))
		checkEntries(t, rdb, 2)
		elapse(t, rdb, 2*time.Hour)
		publish(t, rdb, templates("stays"))
		checkEntries(t, rdb, 1)
		checkTemplates(t, rdb, "stays")
	})
}

func checkEntries(t *testing.T, rdb *redis.Client, want int64) {
	t.Helper()
	if got := rdb.HLen(t.Context(), entriesKey).Val(); got != want {
		t.Errorf("Redis keeps %d entries, want %d", got, want)
	}
	if got := rdb.ZCard(t.Context(), publishedKey).Val(); got != want+1 { // And the newest publication.
		t.Errorf("Redis keeps %d times, want %d", got, want+1)
	}
}

func TestEntriesAreBounded(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		many := func(version string) directory.Listing {
			names := make([]string, directory.MaxEntries)
			for i := range names {
				names[i] = fmt.Sprintf("%s-%d", version, i)
			}
			return templates(names...)
		}
		for _, version := range []string{"a", "b", "c"} {
			publish(t, rdb, many(version))
			elapse(t, rdb, time.Second)
		}
		checkEntries(t, rdb, 2*directory.MaxEntries)
		d := read(t, rdb)
		if len(d.Template("b-1")) == 0 || len(d.Template("c-1")) == 0 || len(d.Template("a-1")) > 0 {
			t.Error("want the entries of the two newest publications")
		}

		tooMany := many("d")
		tooMany.Accounts = []directory.Account{{Address: "shop@example.com"}}
		if err := directory.New(rdb).Publish(t.Context(), tooMany); !errors.Is(err, directory.ErrListing) {
			t.Errorf("Publish of an entry too many: %v, want ErrListing", err)
		}
	})
}

func TestNamelessEntriesAreRefused(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	for what, l := range map[string]directory.Listing{
		"an account":  {Accounts: []directory.Account{{Address: "shop@example.com"}, {}}},
		"a template":  {Templates: []directory.Template{{Name: "welcome"}, {}}},
		"both absent": {Accounts: []directory.Account{{}}, Templates: []directory.Template{{}}},
	} {
		if err := directory.New(rdb).Publish(t.Context(), l); !errors.Is(err, directory.ErrListing) {
			t.Errorf("Publish of %s without a name: %v, want ErrListing", what, err)
		}
	}
	if read(t, rdb).Known() {
		t.Error("part of a refused listing was published")
	}
}

func TestUnchangedEntriesAreNotWrittenAgain(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	publish(t, rdb, templates("welcome", "bye"))
	if err := rdb.ConfigResetStat(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	publish(t, rdb, templates("welcome", "bye"))
	info, err := rdb.InfoMap(t.Context(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	stats := info["Commandstats"]
	if _, ok := stats["cmdstat_zadd"]; !ok {
		t.Errorf("no ZADD in %v: is this still how it is published?", stats)
	}
	if written, ok := stats["cmdstat_hset"]; ok {
		t.Errorf("unchanged entries were written: %s", written)
	}
}

func TestOtherKindsAndFieldsOfNewerWorkers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, templates("welcome"))
		write(t, rdb, "template:receipt", `{"name":"receipt","locales":["de"]}`)
		write(t, rdb, "layout:base", `7`)
		checkTemplates(t, rdb, "receipt", "welcome")
	})
}

func TestBrokenEntryIsAnError(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		for name, values := range map[string][]string{
			"template:welcome":         {"", "{", "[]", `{"name":"other"}`, `{}`},
			"account:shop@example.com": {"", "null", `{"address":"other@example.com"}`, `{"address":1}`},
		} {
			for _, value := range values {
				publish(t, rdb, templates("welcome"))
				write(t, rdb, name, value)
				if _, err := directory.New(rdb).Read(t.Context()); !errors.Is(err, directory.ErrEntry) {
					t.Errorf("Read of %s %s: %v, want ErrEntry", name, value, err)
				}
				if err := rdb.FlushDB(t.Context()).Err(); err != nil {
					t.Fatal(err)
				}
			}
		}
		publish(t, rdb, templates("welcome"))
		names, err := rdb.HKeys(t.Context(), entriesKey).Result()
		if err != nil || len(names) != 1 {
			t.Fatal(names, err)
		}
		write(t, rdb, names[0], "{")
		publish(t, rdb, templates("welcome"))
		checkTemplates(t, rdb, "welcome")
	})
}

// write puts an entry beside those published, as fresh as they are.
func write(tb testing.TB, rdb *redis.Client, name, value string) {
	tb.Helper()
	newest, err := rdb.ZScore(tb.Context(), publishedKey, "newest").Result()
	if err != nil {
		tb.Fatal(err)
	}
	if err := rdb.HSet(tb.Context(), entriesKey, name, value).Err(); err != nil {
		tb.Fatal(err)
	}
	if err := rdb.ZAdd(tb.Context(), publishedKey, redis.Z{Score: newest, Member: name}).Err(); err != nil {
		tb.Fatal(err)
	}
}

func TestClockOfRedisSetBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, rdb *redis.Client) {
		publish(t, rdb, templates("before"))
		elapse(t, rdb, -time.Hour) // It was published an hour from now.
		publish(t, rdb, templates("after"))
		checkTemplates(t, rdb, "after", "before")
	})
}

func TestRedisAway(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	store := directory.New(server.Client())
	server.Kill()
	if err := store.Publish(t.Context(), templates("welcome")); err == nil {
		t.Error("Publish without Redis: no error")
	}
	if d, err := store.Read(t.Context()); err == nil || d.Known() {
		t.Errorf("Read without Redis: %v, %v", d, err)
	}
}

func TestOwns(t *testing.T) {
	t.Parallel()
	account := directory.Account{Address: "shop@example.com", Aliases: []string{"Hello@example.com"}}
	for address, want := range map[string]bool{
		"shop@example.com":  true,
		"SHOP@example.com":  true,
		"hello@example.com": true,
		"other@example.com": false,
		"":                  false,
	} {
		if got := account.Owns(address); got != want {
			t.Errorf("Owns(%q) is %v", address, got)
		}
	}
}

func TestAccountsAreCopies(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{Accounts: []directory.Account{
		{Address: "shop@example.com", Aliases: []string{"hello@example.com"}, Default: true},
	}})
	d := read(t, rdb)
	first, _ := d.Account("shop@example.com")
	first.Aliases[0] = "changed"
	second, _ := d.Default()
	second.Aliases[0] = "changed as well"
	if got, _ := d.Account("shop@example.com"); got.Aliases[0] != "hello@example.com" {
		t.Errorf("a caller changed the directory: %q", got.Aliases)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("template:welcome", `{"name":"welcome"}`)
	f.Add("account:shop@example.com", `{"address":"shop@example.com","aliases":["a@example.com"],"default":true}`)
	f.Add("account:", `{"address":""}`)
	f.Add("newest", `{`)
	rdb := embedded(f)
	f.Fuzz(func(t *testing.T, name, value string) {
		publish(t, rdb, templates("welcome"))
		write(t, rdb, name, value)
		d, err := directory.New(rdb).Read(t.Context())
		if err != nil && !errors.Is(err, directory.ErrEntry) {
			t.Errorf("Read: %v", err)
		}
		if err == nil && len(d.Template("welcome")) == 0 {
			t.Errorf("an entry %q hid the others", name)
		}
		for _, address := range d.Addresses() {
			if _, ok := d.Account(address); !ok {
				t.Errorf("no account %q, which the directory names", address)
			}
		}
		if err := rdb.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleStore() {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()

	// A worker, at its start and then every directory.PublishEvery:
	ctx := context.Background()
	err := directory.New(rdb).Publish(ctx, directory.Listing{
		Accounts:  []directory.Account{{Address: "shop@example.com", Default: true}},
		Templates: []directory.Template{{Name: "welcome"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// A producer, before it queues a mail:
	cache := directory.NewCache(directory.New(rdb))
	d, err := cache.Get(ctx)
	if err == nil && d.Known() && len(d.Template("welcom")) == 0 {
		fmt.Printf("no template welcom; there are %v\n", d.TemplateNames())
	}
	// Output: no template welcom; there are [welcome]
}
