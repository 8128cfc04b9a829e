package mailertest

import (
	"net/http/httptest"
	"testing"
)

// Server is a Fake that listens on a port of 127.0.0.1 for the length of a
// test.
type Server struct {
	*Fake

	// URL is the API's endpoint: GMAIL_ENDPOINT.
	URL string
	// TokenURL is the token endpoint: GMAIL_TOKEN_URL.
	TokenURL string
	// AuthURL is the consent page: GMAIL_AUTH_URL.
	AuthURL string
	// UserinfoURL says whose an access token is: GMAIL_USERINFO_URL.
	UserinfoURL string
	// RevokeURL ends a consent: GMAIL_REVOKE_URL.
	RevokeURL string

	http *httptest.Server
}

// NewServer starts a fake Gmail that ends with the test. Its account is
// DefaultAddress unless options name others; Account tells the credential.
func NewServer(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	s := &Server{Fake: NewFake(options...)}
	s.http = httptest.NewServer(s.Fake)
	s.URL = s.http.URL
	s.TokenURL = s.http.URL + "/token"
	s.AuthURL, s.UserinfoURL, s.RevokeURL = s.http.URL+"/auth", s.http.URL+"/userinfo", s.http.URL+"/revoke"
	tb.Cleanup(s.Close)
	return s
}

// Close ends all delays, then the server. A test's end does it too.
func (s *Server) Close() {
	s.Fake.Close()
	s.http.Close()
}

// CloseConnections cuts all connections off, as a Gmail that restarts does.
func (s *Server) CloseConnections() { s.http.CloseClientConnections() }
