package oidctest

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Gate stands before a fake Gmail and lets this server's access tokens in:
// pass says, for the user that one opens, the token that the fake takes. What
// opens nobody goes on as it came, for the fake to refuse.
func (s *Server) Gate(gmail *url.URL, pass func(user string) (string, error)) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(gmail) },
		Transport: gate(func(req *http.Request) (*http.Response, error) {
			if token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer "); ok {
				user, err := s.whose(token)
				if err != nil {
					return nil, err
				}
				if user != "" {
					if token, err = pass(user); err != nil {
						return nil, err
					}
					req.Header.Set("Authorization", "Bearer "+token)
				}
			}
			return http.DefaultTransport.RoundTrip(req)
		}),
	}
}

type gate func(*http.Request) (*http.Response, error)

func (g gate) RoundTrip(req *http.Request) (*http.Response, error) { return g(req) }

// whose says whom an access token opens; nobody where it does not.
func (s *Server) whose(token string) (user string, err error) {
	var answer struct{ User string }
	err = s.call("whose", url.Values{"token": {token}}, &answer)
	return answer.User, err
}
