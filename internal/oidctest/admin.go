package oidctest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Asked is what a server was asked.
type Asked struct {
	// Codes were exchanged, Refreshes made, and Revocations done.
	Codes, Refreshes, Revocations int
	// Refused is what was not done.
	Refused []Refusal
}

// Refusal says why: What is authorization, authorization_code or refresh_token,
// Error what the client was told, and Reason what it was not.
type Refusal struct{ What, Error, Reason string }

// Asked returns what the server was asked until now.
func (s *Server) Asked() Asked {
	s.tb.Helper()
	var a Asked
	s.admin("asked", url.Values{}, &a)
	return a
}

// Issued returns every code and token that the server has given: what must not
// be seen anywhere.
func (s *Server) Issued() []string {
	s.tb.Helper()
	var secrets []string
	s.admin("issued", url.Values{}, &secrets)
	return secrets
}

// KillGrant ends all that a user has consented to, as a person or an
// administrator can: refresh tokens answer invalid_grant, access tokens end.
func (s *Server) KillGrant(user string) {
	s.tb.Helper()
	s.admin("kill", url.Values{"user": {user}}, &struct{}{})
}

// adminTimeout is far more than a server on the same machine takes.
const adminTimeout = 20 * time.Second

func (s *Server) admin(what string, form url.Values, answer any) {
	s.tb.Helper()
	if err := s.call(what, form, answer); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *Server) call(what string, form url.Values, answer any) error {
	client := http.Client{Timeout: adminTimeout}
	res, err := client.PostForm(s.URL+"/admin/"+what, form)
	if err != nil {
		return fmt.Errorf("oidctest: %s: %w", what, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("oidctest: %s: %s", what, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		return fmt.Errorf("oidctest: %s: %w", what, err)
	}
	return nil
}
