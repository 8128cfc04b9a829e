package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer/accounts"
)

// revoking runs `worker auth revoke` of the shop's account, and meanwhile while
// Google is asked. It returns what was printed, and the error.
func revoking(t *testing.T, server *redistest.Server, keepLocal bool, meanwhile func()) (string, error) {
	t.Helper()
	t.Setenv(accounts.EnvKey, oneKey)
	google := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { meanwhile() }))
	defer google.Close()
	r := &authRevokeCommand{
		Address: shop, KeepLocal: keepLocal, redisConfig: redisConfig{RedisURL: server.URL()},
		revokeConfig: revokeConfig{GmailRevokeURL: googleURL(google.URL)},
	}
	var out bytes.Buffer
	err := r.Run(t.Context(), console{in: strings.NewReader(""), out: &out, err: io.Discard})
	return out.String(), err
}

func TestRevokeLeavesALoginThatCameMeanwhile(t *testing.T) { //nolint:paralleltest // It sets the environment.
	server := redistest.Start(t)
	rdb := server.Client()
	for _, keepLocal := range []bool{false, true} {
		stored(t, rdb, accounts.Account{Address: shop})
		var version int64
		out, err := revoking(t, server, keepLocal, func() { version = stored(t, rdb, accounts.Account{Address: shop}) })
		if out != "" || err == nil || !strings.Contains(err.Error(), "revoked at Google; somebody logged in meanwhile; that login stays") {
			t.Errorf("%q, %v", out, err)
		}
		a, err := accounts.NewStore(rdb, accounts.Keys{}).Get(t.Context(), shop)
		if err != nil || a.Version != version || a.Blocked != "" {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

func TestRevokeSaysWhatRedisDidNotTake(t *testing.T) { //nolint:paralleltest // It sets the environment.
	server := redistest.StartDurable(t)
	stored(t, server.Client(), accounts.Account{Address: shop})
	out, err := revoking(t, server, false, server.Kill)
	if out != "" || exitStatus(err) != exitRedis ||
		!strings.Contains(err.Error(), "revoked at Google; the record stays as it was; to delete it: worker auth revoke --local-only "+shop) {
		t.Errorf("%q, %v", out, err)
	}
}
