package accounts_test

import (
	"context"
	"fmt"
	"log"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer/accounts"
)

// Example is what `worker auth import` and `worker auth list` do: a credential
// that another program keeps goes into the store, encrypted.
func Example() {
	server := miniredis.NewMiniRedis() // An app has its own.
	if err := server.Start(); err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()

	// All workers have the same POSTROOM_KEY: openssl rand -base64 32
	keys, err := accounts.ParseKeys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		log.Print(err)
		return
	}
	ctx, store := context.Background(), accounts.NewStore(rdb, keys)

	found, err := accounts.ParseImport([]byte(authorizedUser))
	if err != nil {
		log.Print(err) // It says what was found, and shows no secret.
		return
	}
	if _, err := store.Save(ctx, accounts.Account{
		Address: found.Address, Aliases: []string{"sales@example.com"}, Credential: found.Credential, Scopes: found.Scopes,
	}); err != nil {
		log.Print(err)
		return
	}
	if err := store.List(ctx, func(a accounts.Account) error {
		if a.Err != nil {
			return a.Err // Stored under another key.
		}
		fmt.Println(a.Address, a.Aliases, "default:", a.Default, "may send:", accounts.CanSend(a.Scopes))
		fmt.Println("a secret prints as", a.Credential.RefreshToken)
		return nil
	}); err != nil {
		log.Print(err)
	}

	// A worker gets access tokens by it. Whoever refreshes does so alone, and
	// what the token endpoint gives in place of the refresh token is kept.
	if _, err := accounts.NewSource(accounts.SourceConfig{Keeper: store.Keeper("shop@example.com")}); err != nil {
		log.Print(err)
	}
	// Output:
	// shop@example.com [sales@example.com] default: true may send: true
	// a secret prints as [secret]
}

// authorizedUser is a file as Google's own tools write it.
const authorizedUser = `{
	"type": "authorized_user",
	"client_id": "1234-abc.apps.googleusercontent.com",
	"client_secret": "GOCSPX-example",
	"refresh_token": "1//0example",
	"account": "Shop@example.com",
	"scopes": ["https://www.googleapis.com/auth/gmail.send"]
}`

// ExampleParseImport reads what people have, and says what is missing where it
// is something else.
func ExampleParseImport() {
	found, err := accounts.ParseImport([]byte(authorizedUser))
	fmt.Println(found.Credential.Kind(), found.Address, err)

	// A desktop app's client has no refresh token: that is the caller's to fill.
	found, err = accounts.ParseImport([]byte(`{"installed":{"client_id":"1234-abc.apps.googleusercontent.com","client_secret":"GOCSPX-example"}}`))
	fmt.Println(found.Credential.Kind(), found.Credential.RefreshToken.IsZero(), err)

	_, err = accounts.ParseImport([]byte(`{"token":"ya29.example","client_id":"1234-abc.apps.googleusercontent.com"}`))
	fmt.Println(err)
	// Output:
	// user Shop@example.com <nil>
	// user true <nil>
	// found a token file, as Google's Python quickstart writes it without a refresh_token: it was made without offline access; make it anew, or use: worker auth login
}

// ExampleStore_Save logs in once more: the account keeps its aliases, and gets
// another version.
func ExampleStore_Save() {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()
	keys, err := accounts.ParseKeys("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	if err != nil {
		log.Print(err)
		return
	}
	ctx, store := context.Background(), accounts.NewStore(rdb, keys)
	credential := accounts.Credential{
		ClientID: "1234-abc.apps.googleusercontent.com", ClientSecret: accounts.NewSecret("GOCSPX-example"),
		RefreshToken: accounts.NewSecret("1//0example"),
	}
	first, err := store.Save(ctx, accounts.Account{
		Address: "shop@example.com", Aliases: []string{"sales@example.com"}, Credential: credential,
	})
	if err != nil {
		log.Print(err)
	}
	if err := store.Mark(ctx, "shop@example.com", first, "invalid_grant", "worker auth login"); err != nil {
		log.Print(err)
	}
	second, err := store.Save(ctx, accounts.Account{Address: "shop@example.com", Credential: credential})
	if err != nil {
		log.Print(err)
	}
	a, err := store.Get(ctx, "Shop@example.com")
	fmt.Println("another version:", first != second && a.Version == second, err)
	fmt.Println(a.Aliases, "blocked:", a.Blocked != "")

	// Without a key, or under another, nothing of it can be read.
	a, err = accounts.NewStore(rdb, accounts.Keys{}).Get(ctx, "shop@example.com")
	fmt.Println(a.Address, a.Err != nil, err)
	// Output:
	// another version: true <nil>
	// [sales@example.com] blocked: false
	// shop@example.com true <nil>
}
