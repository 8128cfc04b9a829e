package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

// rotating is a token endpoint that gives a new refresh token with each access
// token. One that comes a second time ends the grant, as RFC 9700 section 4.14.2
// recommends.
type rotating struct {
	mu     sync.Mutex
	serial int
	reused bool
	before func() // Called before an answer is made.
}

func (r *rotating) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	came := req.PostFormValue("refresh_token")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before != nil {
		r.before()
	}
	w.Header().Set("Content-Type", "application/json")
	if r.reused || came != r.newest() {
		r.reused = true
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`)
		return
	}
	r.serial++
	_, _ = fmt.Fprintf(w, `{"access_token":"ya29.%d","expires_in":3600,"token_type":"Bearer","refresh_token":%q,"refresh_token_expires_in":604799}`,
		r.serial, r.newest())
}

func (r *rotating) newest() string { return fmt.Sprintf("1//%d", r.serial) }

// login stores the endpoint's newest refresh token.
func (r *rotating) login(t *testing.T, s *accounts.Store, url string) {
	t.Helper()
	save(t, s, accounts.Account{Address: shop, Credential: accounts.Credential{
		ClientID: "id", ClientSecret: accounts.NewSecret("secret"), RefreshToken: accounts.NewSecret(r.newest()), TokenURL: url,
	}})
}

// TestManyProcessesRefresh has several, with handlers each, refresh one account
// at once, again and again.
func TestManyProcessesRefresh(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	keys := parseKeys(t, key(1))
	endpoint.login(t, accounts.NewStore(rdb, keys), server.URL)
	var all sync.WaitGroup
	for range 4 { // Processes.
		source := newSource(t, accounts.SourceConfig{Keeper: accounts.NewStore(rdb, keys).Keeper(shop)})
		for range 3 { // Handlers.
			all.Go(func() {
				for range 5 {
					token, err := source.Token(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					source.Invalidate(token)
				}
			})
		}
	}
	all.Wait()
	a := get(t, accounts.NewStore(rdb, keys), shop)
	if endpoint.reused || a.Credential.RefreshToken.Reveal() != endpoint.newest() {
		t.Errorf("reused %v; stored %s, the newest is %s", endpoint.reused, a.Credential.RefreshToken.Reveal(), endpoint.newest())
	}
	if time.Since(a.RefreshedAt) > time.Minute || time.Until(a.Expires) < 6*24*time.Hour {
		t.Errorf("refreshed at %v, expires at %v; want now, and in a week", a.RefreshedAt, a.Expires)
	}
	if n := rdb.Exists(t.Context(), "postroom:{accounts}:lock:"+shop).Val(); n != 0 {
		t.Error("the lock is still there")
	}
}

// TestRedisIsAwayWhenATokenRotates writes the new token when it is back.
func TestRedisIsAwayWhenATokenRotates(t *testing.T) {
	t.Parallel()
	redis := redistest.StartDurable(t)
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	store := accounts.NewStore(redis.Client(), parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	var back sync.WaitGroup
	endpoint.before = func() {
		endpoint.before = nil
		redis.Kill()
		back.Go(func() {
			time.Sleep(3 * time.Second) // The outage: longer than the client tries by itself.
			redis.Restart()
		})
	}
	source := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)})
	if _, err := source.Token(t.Context()); err != nil {
		t.Errorf("Token: %v", err)
	}
	back.Wait()
	if got := get(t, store, shop).Credential.RefreshToken.Reveal(); got != endpoint.newest() {
		t.Errorf("stored %s, the newest is %s", got, endpoint.newest())
	}
}

// TestLoginDuringARefresh stores a new credential while the old one, which is
// dead, is tried: the new one is used at once.
func TestLoginDuringARefresh(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	store := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	save(t, store, accounts.Account{Address: shop, Credential: accounts.Credential{
		ClientID: "id", ClientSecret: accounts.NewSecret("s"), RefreshToken: accounts.NewSecret("1//dead"), TokenURL: server.URL,
	}})
	endpoint.before = func() {
		endpoint.before = func() { endpoint.reused = false }
		endpoint.login(t, store, server.URL)
	}
	source := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)})
	if got, err := source.Token(t.Context()); err != nil || got != "ya29.1" {
		t.Errorf("Token: %q, %v", got, err)
	}
}

// TestLoginDuringARefreshThatWorks stores a new credential, which is not to be
// written over with what became of the old one.
func TestLoginDuringARefreshThatWorks(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	store := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	endpoint.before = func() {
		save(t, store, accounts.Account{Address: shop, Credential: granted("1//login")})
	}
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); err != nil {
		t.Error(err)
	}
	if a := get(t, store, shop); a.Credential.RefreshToken.Reveal() != "1//login" || !a.RefreshedAt.IsZero() {
		t.Errorf("the login was written over: %s, refreshed at %v", a.Credential.RefreshToken.Reveal(), a.RefreshedAt)
	}
}

// TestRekeyDuringARefresh has the credential encrypted anew, by one that does not
// see the lock, before the new refresh token is written: that one is kept all the
// same.
func TestRekeyDuringARefresh(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	rdb := redistest.Start(t).Client()
	endpoint.login(t, accounts.NewStore(rdb, parseKeys(t, key(1))), server.URL)
	store := accounts.NewStore(rdb, parseKeys(t, key(2), key(1)))
	endpoint.before = func() {
		rdb.Del(context.Background(), "postroom:{accounts}:lock:"+shop)
		if moved, err := store.Rekey(context.Background()); moved != 1 || err != nil {
			t.Errorf("moved %d, %v", moved, err)
		}
	}
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); err != nil {
		t.Error(err)
	}
	a := get(t, accounts.NewStore(rdb, parseKeys(t, key(2))), shop)
	if a.Credential.RefreshToken.Reveal() != endpoint.newest() || a.RefreshedAt.IsZero() {
		t.Errorf("stored %q (%v), the newest is %q", a.Credential.RefreshToken.Reveal(), a.Err, endpoint.newest())
	}
}

// TestRekeyUnderAKeyThatIsNotHere loses the new refresh token, and says so.
func TestRekeyUnderAKeyThatIsNotHere(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	rdb := redistest.Start(t).Client()
	store := accounts.NewStore(rdb, parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	endpoint.before = func() {
		rdb.Del(context.Background(), "postroom:{accounts}:lock:"+shop)
		_, _ = accounts.NewStore(rdb, parseKeys(t, key(2), key(1))).Rekey(context.Background())
	}
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); remedy(err) == "" {
		t.Errorf("%v, want what to do", err)
	}
}

// TestRekeyWaitsForARefresh holds that an account's lock is heeded.
func TestRekeyWaitsForARefresh(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	save(t, accounts.NewStore(rdb, parseKeys(t, key(1))), accounts.Account{Address: shop, Credential: granted("1//one")})
	if err := rdb.Set(t.Context(), "postroom:{accounts}:lock:"+shop, "somebody", 500*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	moved, err := accounts.NewStore(rdb, parseKeys(t, key(2), key(1))).Rekey(t.Context())
	if took := time.Since(began); moved != 1 || err != nil || took < 400*time.Millisecond {
		t.Errorf("moved %d, %v, after %v: somebody else's lock was ignored", moved, err, took)
	}
}

// TestALockThatEndedIsSomebodyElses has a refresh take so long that another
// process has begun one.
func TestALockThatEndedIsSomebodyElses(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	rdb := redistest.Start(t).Client()
	store := accounts.NewStore(rdb, parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	const lock, other = "postroom:{accounts}:lock:" + shop, "another process"
	endpoint.before = func() { rdb.Set(context.Background(), lock, other, time.Minute) }
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); err != nil {
		t.Error(err)
	}
	if got := rdb.Get(t.Context(), lock).Val(); got != other {
		t.Errorf("the lock is %q's, want %q's", got, other)
	}
}

func TestRefreshRefused(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{reused: true}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	rdb := redistest.Start(t).Client()
	store := accounts.NewStore(rdb, parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	for range 2 { // The lock was given back.
		_, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context())
		if e, ok := errors.AsType[*oauth2.RetrieveError](err); !ok || e.ErrorCode != "invalid_grant" {
			t.Errorf("a dead grant: %v", err)
		}
	}
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(news)}).Token(t.Context()); !errors.Is(err, accounts.ErrNotFound) || remedy(err) == "" {
		t.Errorf("no such account: %v", err)
	}
	other := accounts.NewStore(rdb, parseKeys(t, key(2)))
	if _, err := newSource(t, accounts.SourceConfig{Keeper: other.Keeper(shop)}).Token(t.Context()); err == nil {
		t.Error("another key read the credential")
	}
}

// TestADeadProcessHoldsNoAccountForLong leaves the lock behind.
func TestADeadProcessHoldsNoAccountForLong(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	rdb := redistest.Start(t).Client()
	store := accounts.NewStore(rdb, parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	if err := rdb.Set(t.Context(), "postroom:{accounts}:lock:"+shop, "somebody", 500*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took < 400*time.Millisecond {
		t.Errorf("it took %v: somebody else's lock was ignored", took)
	}
}

// remedy is what an error tells a person to do.
func remedy(err error) string {
	var e interface {
		error
		Remedy() string
	}
	if !errors.As(err, &e) {
		return ""
	}
	return e.Remedy()
}

// TestWrongKeyIsNoOutage has a worker without the key of a record.
func TestWrongKeyIsNoOutage(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	save(t, accounts.NewStore(rdb, parseKeys(t, key(1))), accounts.Account{Address: shop, Credential: granted("1//one")})
	for name, keys := range map[string]accounts.Keys{"another key": parseKeys(t, key(2)), "no key": {}} {
		source := newSource(t, accounts.SourceConfig{Keeper: accounts.NewStore(rdb, keys).Keeper(shop)})
		if _, err := source.Token(t.Context()); remedy(err) == "" {
			t.Errorf("%s: %v, want what to do", name, err)
		}
	}
	server := redistest.Start(t)
	store := accounts.NewStore(server.Client(), parseKeys(t, key(1)))
	save(t, store, accounts.Account{Address: shop, Credential: granted("1//one")})
	server.Kill()
	if _, err := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)}).Token(t.Context()); err == nil || remedy(err) != "" {
		t.Errorf("with Redis away: %v, want an outage, which nobody has to mend here", err)
	}
}
