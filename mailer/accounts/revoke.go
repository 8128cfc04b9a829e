package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// GoogleRevokeURL is where Google ends a grant.
const GoogleRevokeURL = "https://oauth2.googleapis.com/revoke"

// ErrDelegated is returned by Revoke for a service account: what ends there is
// the delegation, and an administrator ends it.
var ErrDelegated = errors.New("a service account has no grant to revoke: end its delegation at " +
	"https://admin.google.com/ac/owl/domainwidedelegation, or delete its key at " + serviceAccountsURL)

// maxRevokeAnswer is far above what the endpoint says.
const maxRevokeAnswer = 64 << 10

// Revoke ends the grant at Google (RFC 7009), with all its tokens. It reports
// whether the grant was valid until then; that it was not is no error.
// revokeURL is in place of Google's, and a nil transport means
// http.DefaultTransport.
func (c Credential) Revoke(ctx context.Context, revokeURL string, transport http.RoundTripper) (wasValid bool, err error) {
	if c.Kind() == KindServiceAccount {
		return false, ErrDelegated
	}
	revokeURL = cmp.Or(revokeURL, GoogleRevokeURL)
	if err := CheckURL(revokeURL); err != nil {
		return false, fmt.Errorf("revoke URL %w", err)
	}
	form := url.Values{"token": {c.RefreshToken.Reveal()}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, revokeURL, strings.NewReader(form))
	if err != nil {
		return false, fmt.Errorf("revoke: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := newClient(transport).Do(req)
	if err != nil {
		return false, fmt.Errorf("revoke: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Code string `json:"error"`
	}
	_ = json.NewDecoder(io.LimitReader(res.Body, maxRevokeAnswer)).Decode(&answer) // Where it is no JSON the status has to do.
	switch {
	case res.StatusCode == http.StatusOK:
		return true, nil
	case res.StatusCode == http.StatusBadRequest && (answer.Code == "invalid_token" || answer.Code == "invalid_grant"):
		return false, nil
	default:
		return false, fmt.Errorf("revoke: the endpoint says %d %s %q: nothing was revoked",
			res.StatusCode, http.StatusText(res.StatusCode), clean(answer.Code, maxCode, c.secrets()...))
	}
}
