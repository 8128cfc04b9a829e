package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

const (
	shop = "shop@example.com"
	news = "news@example.com"
)

func recordOf(address string) string { return "postroom:{accounts}:of:" + address }

func granted(refresh string) accounts.Credential {
	return accounts.Credential{
		ClientID: "1-abc.apps.googleusercontent.com", ClientSecret: accounts.NewSecret("GOCSPX-hush"),
		RefreshToken: accounts.NewSecret(refresh), TokenURL: "http://127.0.0.1:9/token",
	}
}

func save(t *testing.T, s *accounts.Store, a accounts.Account) int64 {
	t.Helper()
	version, err := s.Save(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func get(t *testing.T, s *accounts.Store, address string) accounts.Account {
	t.Helper()
	a, err := s.Get(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func changes(t *testing.T, s *accounts.Store) int64 {
	t.Helper()
	n, err := s.Changes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSaveAndGet(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	s := accounts.NewStore(rdb, parseKeys(t, key(1)))
	expires := time.Now().Add(7 * 24 * time.Hour).Truncate(time.Millisecond).UTC()
	version := save(t, s, accounts.Account{
		Address: "Shop@Example.com", Aliases: []string{"Sales@example.com"}, Credential: granted("1//hush"),
		Scopes: []string{"openid", "email"}, Expires: expires,
	})
	a := get(t, s, "SHOP@example.com")
	if a.Err != nil || a.Address != shop || !slices.Equal(a.Aliases, []string{"sales@example.com"}) || !a.Default ||
		!slices.Equal(a.Scopes, []string{"openid", "email"}) || !a.Expires.Equal(expires) || a.Version != version ||
		time.Since(a.Since).Abs() > time.Minute || !a.RefreshedAt.IsZero() || a.Blocked != "" {
		t.Errorf("got %+v", a)
	}
	if c := a.Credential; c.ClientID != granted("").ClientID || c.ClientSecret.Reveal() != "GOCSPX-hush" ||
		c.RefreshToken.Reveal() != "1//hush" || c.TokenURL != granted("").TokenURL {
		t.Errorf("credential %+v", c)
	}
	if _, err := s.Get(t.Context(), news); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("an account that was never stored: %v", err)
	}
	for field, value := range rdb.HGetAll(t.Context(), recordOf(shop)).Val() {
		if strings.Contains(value, "hush") || strings.Contains(value, "1-abc") {
			t.Errorf("%s stands in the open in Redis: %q", field, value)
		}
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	good := accounts.Account{Address: shop, Credential: granted("1//hush")}
	_, err := accounts.NewStore(rdb, accounts.Keys{}).Save(t.Context(), good)
	if !errors.Is(err, accounts.ErrNoKey) || !strings.Contains(err.Error(), "openssl rand -base64 32") {
		t.Errorf("without a key: %v", err)
	}
	s := accounts.NewStore(rdb, parseKeys(t, key(1)))
	for want, change := range map[string]func(*accounts.Account){
		"address: is no address":            func(a *accounts.Account) { a.Address = "shop" },
		"address: has more than an address": func(a *accounts.Account) { a.Address = "Shop <shop@example.com>" },
		"alias 2: is no address":            func(a *accounts.Account) { a.Aliases = []string{news, "@"} },
		"refresh token is empty":            func(a *accounts.Account) { a.Credential.RefreshToken = accounts.Secret{} },
	} {
		a := good
		change(&a)
		if _, err := s.Save(t.Context(), a); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if n := rdb.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("%d keys were written", n)
	}
}

// TestWhatDoesNotDecrypt is an error that names what is wrong, and hides no
// account.
func TestWhatDoesNotDecrypt(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	s := accounts.NewStore(rdb, parseKeys(t, key(1)))
	save(t, s, accounts.Account{Address: shop, Credential: granted("1//shop")})
	save(t, s, accounts.Account{Address: news, Credential: granted("1//news")})
	whole := rdb.HGet(t.Context(), recordOf(shop), "sealed").Val()
	check := func(what string, s *accounts.Store, want string) {
		t.Helper()
		a := get(t, s, shop)
		if a.Err == nil || !strings.Contains(a.Err.Error(), want) || a.Credential != (accounts.Credential{}) {
			t.Errorf("%s: %v, %+v; want %q and no credential", what, a.Err, a.Credential, want)
		}
		var listed []string
		if err := s.List(t.Context(), func(a accounts.Account) error {
			listed = append(listed, a.Address)
			return nil
		}); err != nil || !slices.Equal(listed, []string{news, shop}) {
			t.Errorf("%s: listed %v, %v; want both", what, listed, err)
		}
	}
	check("without a key", accounts.NewStore(rdb, accounts.Keys{}), "POSTROOM_KEY is not set")
	check("another key", accounts.NewStore(rdb, parseKeys(t, key(2))), "and POSTROOM_KEY has")
	for at := range len(whole) {
		changed := []byte(whole)
		changed[at] ^= 1
		if err := rdb.HSet(t.Context(), recordOf(shop), "sealed", changed).Err(); err != nil {
			t.Fatal(err)
		}
		if a := get(t, s, shop); a.Err == nil {
			t.Fatalf("byte %d of %d was changed, and nobody noticed", at, len(whole))
		}
	}
	check("changed", s, "were changed")
	if err := rdb.HSet(t.Context(), recordOf(shop), "sealed", whole[:3]).Err(); err != nil {
		t.Fatal(err)
	}
	check("cut off", s, "not what this version")
	for first, want := range map[string]string{"\x02": "by a newer Postroom", "\x00": "not what this version", "{": "not what this version"} {
		if err := rdb.HSet(t.Context(), recordOf(shop), "sealed", first+whole[1:]).Err(); err != nil {
			t.Fatal(err)
		}
		check("another version", s, want)
		_, err := newSource(t, accounts.SourceConfig{Keeper: s.Keeper(shop)}).Token(t.Context())
		if newer := strings.HasPrefix(remedy(err), "run the newer Postroom"); remedy(err) == "" || newer != (first == "\x02") {
			t.Errorf("what to do: %v, %q", err, remedy(err))
		}
	}
	moved := rdb.HGet(t.Context(), recordOf(news), "sealed").Val()
	if err := rdb.HSet(t.Context(), recordOf(shop), "sealed", moved).Err(); err != nil {
		t.Fatal(err)
	}
	check("moved from another address", s, "moved here from another address")
}

func TestTheDefault(t *testing.T) {
	t.Parallel()
	s := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	check := func(what, want string) {
		t.Helper()
		var marked []string
		if err := s.List(t.Context(), func(a accounts.Account) error {
			if a.Default {
				marked = append(marked, a.Address)
			}
			return nil
		}); err != nil || strings.Join(marked, " ") != want {
			t.Errorf("%s: the default is %v (%v), want %q", what, marked, err, want)
		}
	}
	save(t, s, accounts.Account{Address: shop, Credential: granted("1//a")})
	save(t, s, accounts.Account{Address: news, Credential: granted("1//b")})
	check("the first", shop)
	save(t, s, accounts.Account{Address: news, Credential: granted("1//b"), Default: true})
	check("one that is to be", news)
	if err := s.Remove(t.Context(), shop, 0); err != nil {
		t.Fatal(err)
	}
	check("another was removed", news)
	if err := s.Remove(t.Context(), news, 0); err != nil {
		t.Fatal(err)
	}
	check("all were removed", "")
	if err := s.Remove(t.Context(), news, 0); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("removed again: %v", err)
	}
}

// TestTheLastAccountIsTheDefault after the one that was is removed.
func TestTheLastAccountIsTheDefault(t *testing.T) {
	t.Parallel()
	s := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	const third = "third@example.com"
	for _, address := range []string{shop, news, third} {
		save(t, s, accounts.Account{Address: address, Credential: granted("1//x")})
	}
	remove := func(address string) {
		t.Helper()
		if err := s.Remove(t.Context(), address, 0); err != nil {
			t.Fatal(err)
		}
	}
	remove(shop)
	if get(t, s, news).Default || get(t, s, third).Default {
		t.Error("one of two became the default: which one is a person's choice")
	}
	remove(third)
	if !get(t, s, news).Default {
		t.Error("the only account left is not the default")
	}
}

// TestLogInAgain stores another credential for an account that is blocked.
func TestLogInAgain(t *testing.T) {
	t.Parallel()
	s := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	first := save(t, s, accounts.Account{Address: shop, Aliases: []string{news}, Credential: granted("1//old"), Expires: time.Now()})
	before := changes(t, s)
	mark := func(version int64, why string) {
		t.Helper()
		if err := s.Mark(t.Context(), shop, version, why, "log in again"); err != nil {
			t.Fatal(err)
		}
	}
	mark(first, "invalid_grant")
	if a := get(t, s, shop); a.Blocked != "invalid_grant" || a.Remedy != "log in again" || changes(t, s) == before {
		t.Errorf("%+v, changes %d then %d; want it blocked, and another number", a, before, changes(t, s))
	}
	before = changes(t, s)
	mark(first, "invalid_grant") // By another worker.
	if changes(t, s) != before {
		t.Error("nothing new counts as a change")
	}
	second := save(t, s, accounts.Account{Address: shop, Credential: granted("1//new")})
	a := get(t, s, shop)
	if second == first || a.Blocked != "" || a.Remedy != "" || !a.Expires.IsZero() || !slices.Equal(a.Aliases, []string{news}) ||
		a.Credential.RefreshToken.Reveal() != "1//new" || changes(t, s) == before {
		t.Errorf("after the login: %+v", a)
	}
	mark(first, "invalid_grant") // A worker that is late.
	if a := get(t, s, shop); a.Blocked != "" {
		t.Errorf("a late word about the old credential blocks the new one: %+v", a)
	}
	mark(second, "domainPolicy")
	mark(second, "")
	if a := get(t, s, shop); a.Blocked != "" || a.Remedy != "" {
		t.Errorf("it works again: %+v", a)
	}
	if err := s.Remove(t.Context(), shop, 0); err != nil {
		t.Fatal(err)
	}
	if third := save(t, s, accounts.Account{Address: shop, Credential: granted("1//x")}); third <= second {
		t.Errorf("version %d after it was removed, want a new one", third)
	}
}

// TestManyAccounts lists more than a page.
func TestManyAccounts(t *testing.T) {
	t.Parallel()
	s := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	const n = 450
	want := make([]string, n)
	for i := range n {
		want[i] = fmt.Sprintf("a%03d@example.com", (i*7)%n)
		save(t, s, accounts.Account{Address: want[i], Credential: granted("1//r")})
	}
	slices.Sort(want)
	var got []string
	if err := s.List(t.Context(), func(a accounts.Account) error {
		got = append(got, a.Address)
		return a.Err
	}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d accounts, %v; want %d, sorted", len(got), err, n)
	}
	stop := errors.New("enough")
	if err := s.List(t.Context(), func(accounts.Account) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a caller's error: %v", err)
	}
}

func TestRekey(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	old := accounts.NewStore(rdb, parseKeys(t, key(1)))
	save(t, old, accounts.Account{Address: shop, Credential: granted("1//shop")})
	both := accounts.NewStore(rdb, parseKeys(t, key(2), key(1)))
	save(t, both, accounts.Account{Address: news, Credential: granted("1//news")})
	stranger := accounts.NewStore(rdb, parseKeys(t, key(3)))
	save(t, stranger, accounts.Account{Address: "x@example.com", Credential: granted("1//x")})

	version := get(t, both, shop).Version
	moved, err := both.Rekey(t.Context())
	if moved != 1 || err == nil || !strings.HasPrefix(err.Error(), "x@example.com: ") {
		t.Errorf("moved %d, %v; want 1, and the one that can't be read named", moved, err)
	}
	now := accounts.NewStore(rdb, parseKeys(t, key(2)))
	if a := get(t, now, shop); a.Err != nil || a.Credential.RefreshToken.Reveal() != "1//shop" || a.Version != version {
		t.Errorf("under the new key alone: %+v", a)
	}
	if moved, _ := both.Rekey(t.Context()); moved != 0 {
		t.Errorf("moved %d again", moved)
	}
	if _, err := accounts.NewStore(rdb, accounts.Keys{}).Rekey(t.Context()); !errors.Is(err, accounts.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
}

func TestStoreWithoutRedis(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = rdb.Close() })
	s := accounts.NewStore(rdb, parseKeys(t, key(1)))
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"Save": func() error {
			_, err := s.Save(ctx, accounts.Account{Address: shop, Credential: granted("1//hush")})
			return err
		},
		"Get":     func() error { _, err := s.Get(ctx, shop); return err },
		"List":    func() error { return s.List(ctx, func(accounts.Account) error { return nil }) },
		"Changes": func() error { _, err := s.Changes(ctx); return err },
		"Mark":    func() error { return s.Mark(ctx, shop, 1, "x", "y") },
		"Remove":  func() error { return s.Remove(ctx, shop, 0) },
		"Rekey":   func() error { _, err := s.Rekey(ctx); return err },
	} {
		if err := call(); err == nil || errors.Is(err, accounts.ErrNotFound) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
