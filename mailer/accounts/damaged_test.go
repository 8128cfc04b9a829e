package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

// TestOneDamagedRecord hides no other account, is named, and goes away by a
// removal or a login.
func TestOneDamagedRecord(t *testing.T) {
	t.Parallel()
	for want, damage := range map[string][]any{
		"its record is no hash in Redis": {"SET", recordOf(shop), "x"},
		"its record is gone":             {"DEL", recordOf(shop)},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			rdb := redistest.Start(t).Client()
			s := accounts.NewStore(rdb, parseKeys(t, key(1)))
			save(t, s, accounts.Account{Address: shop, Credential: granted("1//shop")})
			save(t, s, accounts.Account{Address: news, Credential: granted("1//news")})
			ruin := func() {
				t.Helper()
				if err := rdb.Do(t.Context(), append([]any{damage[0], damage[1]}, damage[2:]...)...).Err(); err != nil {
					t.Fatal(err)
				}
			}
			ruin()
			var listed []string
			if err := s.List(t.Context(), func(a accounts.Account) error {
				listed = append(listed, a.Address)
				if (a.Err != nil) != (a.Address == shop) {
					t.Errorf("%s: %v", a.Address, a.Err)
				}
				return nil
			}); err != nil || !slices.Equal(listed, []string{news, shop}) {
				t.Errorf("listed %v, %v; want both", listed, err)
			}
			if a := get(t, s, shop); a.Err == nil || !strings.Contains(a.Err.Error(), want) || a.Version != 0 || !a.Default {
				t.Errorf("got %+v, want %q", a, want)
			}
			if _, err := newSource(t, accounts.SourceConfig{Keeper: s.Keeper(shop)}).Token(t.Context()); remedy(err) == "" {
				t.Errorf("a token of it: %v, want what to do", err)
			}
			if err := s.Remove(t.Context(), shop, 0); err != nil {
				t.Errorf("Remove: %v", err)
			}
			if _, err := s.Get(t.Context(), shop); !errors.Is(err, accounts.ErrNotFound) {
				t.Errorf("after it was removed: %v", err)
			}
			save(t, s, accounts.Account{Address: shop, Credential: granted("1//shop")})
			ruin()
			save(t, s, accounts.Account{Address: shop, Credential: granted("1//again")})
			if a := get(t, s, shop); a.Err != nil || a.Credential.RefreshToken.Reveal() != "1//again" {
				t.Errorf("after a login: %+v", a)
			}
		})
	}
}

// TestALoginMendsLists that can't be read, and leaves good ones.
func TestALoginMendsLists(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	s := accounts.NewStore(rdb, parseKeys(t, key(1)))
	for _, bad := range []string{"x", "[", `{"a":"b"}`, `"a"`, `[1]`, `["a",["b"]]`, "[\"a\tb\"]"} {
		save(t, s, accounts.Account{Address: shop, Aliases: []string{news}, Credential: granted("1//a")})
		if err := rdb.HSet(t.Context(), recordOf(shop), "aliases", bad, "scopes", "x").Err(); err != nil {
			t.Fatal(err)
		}
		if a := get(t, s, shop); a.Err == nil {
			t.Errorf("%s: no error", bad)
		}
		save(t, s, accounts.Account{Address: shop, Credential: granted("1//a")})
		if a := get(t, s, shop); a.Err != nil {
			t.Errorf("%s after a login: %v", bad, a.Err)
		}
	}
	for _, good := range [][]string{{}, {news}, {news, "x@example.com"}} {
		save(t, s, accounts.Account{Address: shop, Aliases: good, Credential: granted("1//a")})
		save(t, s, accounts.Account{Address: shop, Credential: granted("1//a")})
		if a := get(t, s, shop); !slices.Equal(a.Aliases, good) {
			t.Errorf("%v became %v", good, a.Aliases)
		}
	}
}
