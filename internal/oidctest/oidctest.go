// Package oidctest runs a real OAuth server for tests, and gives the consent in
// a real browser.
//
// The server is oidc-provider, in a Node process of each test's own. It holds
// clients to PKCE (S256) and state, gives another refresh token with each
// refresh, and ends the grant when a used one comes again. In this it has
// Google's manners: access_type=offline asks for a refresh token, each scope has
// a box of its own on the consent page, a token is revoked without the client's
// word, and one that is not valid any more is invalid_token there.
//
// Nothing is skipped where node, the server's modules or Chromium are missing:
// the test fails and says how to get them. Such tests have the build tag browser.
package oidctest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The users that there are where none are named.
const (
	Shop = "shop@example.com"
	News = "news@example.com"
)

// Config is what a Server may be told.
type Config struct {
	// Users are the addresses that can sign in. None means Shop and News.
	Users []string
	// AccessLife is how long access tokens last, in whole seconds. Zero means
	// an hour.
	AccessLife time.Duration
	// RefreshLife is how long refresh tokens last, said to the client as
	// Google says it of a consent screen in Testing. Zero means half a year,
	// of which nothing is said.
	RefreshLife time.Duration
}

// Server is a running OAuth server and its one client, a desktop app.
type Server struct {
	// URL is where it listens; below it are the others.
	URL string
	// AuthURL, TokenURL, RevokeURL and UserinfoURL are its endpoints.
	AuthURL, TokenURL, RevokeURL, UserinfoURL string
	// ClientID and ClientSecret are the client's.
	ClientID, ClientSecret string

	tb testing.TB
}

// Start runs a server until the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	return StartWith(tb, Config{})
}

// StartWith runs a server with more said about it, until the test ends.
func StartWith(tb testing.TB, c Config) *Server {
	tb.Helper()
	if len(c.Users) == 0 {
		c.Users = []string{Shop, News}
	}
	if c.AccessLife == 0 {
		c.AccessLife = time.Hour
	}
	config, err := json.Marshal(map[string]any{
		"users": c.Users, "accessSeconds": int(c.AccessLife.Seconds()), "refreshSeconds": int(c.RefreshLife.Seconds()),
	})
	if err != nil {
		tb.Fatal(err)
	}
	var said struct {
		URL          string `json:"url"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	if err := json.Unmarshal(launch(tb, string(config)), &said); err != nil {
		tb.Fatalf("oidctest: what the server said: %v", err)
	}
	return &Server{
		URL: said.URL, AuthURL: said.URL + "/auth", TokenURL: said.URL + "/token",
		RevokeURL: said.URL + "/revoke", UserinfoURL: said.URL + "/userinfo",
		ClientID: said.ClientID, ClientSecret: said.ClientSecret, tb: tb,
	}
}

// ClientJSON is the client as Google Cloud console gives it.
func (s *Server) ClientJSON() []byte {
	data, err := json.Marshal(map[string]any{"installed": map[string]any{
		"client_id": s.ClientID, "client_secret": s.ClientSecret, "project_id": "postroom-test",
		"auth_uri": s.AuthURL, "token_uri": s.TokenURL, "redirect_uris": []string{"http://localhost"},
	}})
	if err != nil {
		s.tb.Fatal(err)
	}
	return data
}

// startTimeout is how long node may take to print its line.
const startTimeout = 30 * time.Second

// launch starts the process, which ends when its standard input does: with the
// test, or with the test binary, however that dies. It returns its first line.
func launch(tb testing.TB, config string) []byte {
	tb.Helper()
	dir, err := folder()
	if err != nil {
		tb.Fatal(err)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Fatal("oidctest: no node in PATH. Debian: apt-get install nodejs npm; macOS: brew install node; `make test-all` does the former by itself")
	}
	cmd := exec.Command(node, filepath.Join(dir, "server.mjs"), config)
	var stderr output
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatalf("oidctest: start node: %v", err)
	}
	lines := make(chan []byte, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		defer close(lines)
		r := bufio.NewReader(stdout)
		if line, err := r.ReadBytes('\n'); err == nil {
			lines <- line
		}
		_, _ = io.Copy(io.Discard, r) // It says no more.
	}()
	tb.Cleanup(func() {
		_ = stdin.Close()
		<-drained
		if err := cmd.Wait(); err != nil || tb.Failed() {
			tb.Logf("oidctest: the server ended (%v) and had said:\n%s", err, stderr.String())
		}
	})
	select {
	case line, ok := <-lines:
		if !ok {
			tb.Fatalf("oidctest: the server did not start:\n%s", stderr.String())
		}
		return line
	case <-time.After(startTimeout):
		_ = cmd.Process.Kill()
		tb.Fatalf("oidctest: the server did not start within %v:\n%s", startTimeout, stderr.String())
	}
	return nil
}

// folder finds this one from a test of any room.
func folder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("oidctest: not run in the module")
		}
		dir = up
	}
	dir = filepath.Join(dir, "internal", "oidctest")
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "oidc-provider")); err != nil {
		return "", fmt.Errorf("oidctest: the server's modules are missing: `make oidc` gets them (%w)", err)
	}
	return dir, nil
}

// output can be read while a process writes it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
