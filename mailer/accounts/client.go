package accounts

import "net/http"

// newClient makes requests that carry secrets: it follows no redirect, which
// would take them elsewhere. A nil transport means http.DefaultTransport.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport, Timeout: refreshTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
