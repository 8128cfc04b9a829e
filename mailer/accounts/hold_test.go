package accounts_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

// TestHold has a worker that wants to refresh wait until the account is let go,
// and find it removed.
func TestHold(t *testing.T) {
	t.Parallel()
	endpoint := &rotating{}
	server := httptest.NewServer(endpoint)
	t.Cleanup(server.Close)
	store := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	endpoint.login(t, store, server.URL)
	refreshed := make(chan error, 1)
	err := store.Hold(t.Context(), "Shop@example.com", func(a accounts.Account) error {
		source := newSource(t, accounts.SourceConfig{Keeper: store.Keeper(shop)})
		go func() {
			_, err := source.Token(t.Context())
			refreshed <- err
		}()
		select {
		case err := <-refreshed:
			t.Errorf("refreshed while the account was held: %v", err)
		case <-time.After(200 * time.Millisecond): // Several tries to get the lock.
		}
		if a.Credential.RefreshToken.Reveal() != endpoint.newest() {
			t.Errorf("got %+v", a)
		}
		return store.Remove(t.Context(), a.Address, a.Version)
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-refreshed; !errors.Is(err, accounts.ErrNotFound) || endpoint.serial != 0 {
		t.Errorf("%v, %d refreshes; want it gone", err, endpoint.serial)
	}
	if err := store.Hold(t.Context(), shop, func(accounts.Account) error { return nil }); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("an account that is gone: %v", err)
	}
	save(t, store, accounts.Account{Address: shop, Credential: granted("1//x")})
	for range 2 { // The lock was given back.
		stop := errors.New("enough")
		if err := store.Hold(t.Context(), shop, func(accounts.Account) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("a caller's error: %v", err)
		}
	}
}

// TestRemoveSeesALogin that came after the account was read.
func TestRemoveSeesALogin(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(redistest.Start(t).Client(), parseKeys(t, key(1)))
	first := save(t, store, accounts.Account{Address: shop, Credential: granted("1//old")})
	second := save(t, store, accounts.Account{Address: shop, Credential: granted("1//new")})
	if err := store.Remove(t.Context(), shop, first); !errors.Is(err, accounts.ErrReplaced) {
		t.Errorf("the old one: %v", err)
	}
	if a := get(t, store, shop); a.Credential.RefreshToken.Reveal() != "1//new" || !a.Default {
		t.Errorf("the login is gone: %+v", a)
	}
	if err := store.Remove(t.Context(), shop, second); err != nil {
		t.Error(err)
	}
	if err := store.Remove(t.Context(), shop, second); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("removed again: %v", err)
	}
	save(t, store, accounts.Account{Address: shop, Credential: granted("1//x")})
	if err := store.Remove(t.Context(), shop, 0); err != nil {
		t.Errorf("whatever is there: %v", err)
	}
}
