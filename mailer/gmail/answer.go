package gmail

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
)

// answer is Gmail's error, read. All that it holds is as Gmail wrote it.
type answer struct {
	status  int
	message string
	// reasons are the machine codes: of errors[] first, then of details, then
	// the status of google.rpc, such as FAILED_PRECONDITION.
	reasons []string
	// err is the same as Google's own type, for callers that know it.
	err error
}

// readAnswer reads the body as far as it can be read: it may be JSON in Gmail's
// older or newer form, a page of HTML, cut off, or anything else.
func readAnswer(x exchange) answer {
	a := answer{status: x.status}
	err := googleapi.CheckResponseWithBody(&http.Response{StatusCode: x.status, Header: x.header}, x.body)
	api, ok := errors.AsType[*googleapi.Error](err)
	if !ok {
		a.err = x.err // A 2xx, or a body that was cut off.
		return a
	}
	api.Code = x.status // The body has one too, which decides nothing.
	a.err = api
	if x.err != nil {
		a.err = errors.Join(api, x.err)
	}
	a.message = api.Message
	for _, item := range api.Errors {
		a.reasons = append(a.reasons, item.Reason)
		a.message = cmp.Or(a.message, item.Message)
	}
	for _, detail := range api.Details {
		if fields, ok := detail.(map[string]any); ok {
			reason, _ := fields["reason"].(string) // Details of other kinds have none.
			a.reasons = append(a.reasons, reason)
		}
	}
	var rpc struct {
		Error struct {
			Status string `json:"status"`
		} `json:"error"`
	}
	_ = json.Unmarshal(x.body, &rpc) // What is no JSON has no status.
	a.reasons = append(a.reasons, rpc.Error.Status)
	a.reasons = slices.DeleteFunc(a.reasons, func(r string) bool { return r == "" })
	return a
}

// reason is the first machine code. It is shown, so it must look like one.
func (a *answer) reason() string {
	if len(a.reasons) == 0 {
		return ""
	}
	return shorten(a.reasons[0])
}

// text is what Gmail said, or that it said nothing.
func (a *answer) text() string {
	if a.message != "" {
		return a.message
	}
	return strings.TrimSpace(fmt.Sprintf("answered %d %s", a.status, http.StatusText(a.status))) + ", without a message"
}

// isQuota reports whether a refusal is about how much or how fast the account
// sends.
func (a *answer) isQuota() bool {
	for _, reason := range a.reasons {
		switch reason {
		case "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded",
			"RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED":
			return true
		}
	}
	// Some say it in their text alone.
	message := strings.ToLower(a.message)
	return a.status == http.StatusForbidden && (strings.Contains(message, "quota exceeded") ||
		strings.Contains(message, "rate limit exceeded") || strings.Contains(message, "retry after"))
}

// isForbidden reports whether a refusal is about what the consent, or an
// administrator, allows this program.
func (a *answer) isForbidden() bool {
	return slices.ContainsFunc(a.reasons, func(reason string) bool {
		switch reason {
		case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domainPolicy":
			return true
		default:
			return false
		}
	})
}

// oauthError is the error of a token endpoint and its description. The JWT flow
// of golang.org/x/oauth2 leaves both in the body.
func oauthError(e *oauth2.RetrieveError) (code, description string) {
	var inBody struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if e.ErrorCode == "" {
		_ = json.Unmarshal(e.Body, &inBody) // What is no JSON has no code.
	}
	code = shorten(cmp.Or(e.ErrorCode, inBody.Error))
	status := ""
	if e.Response != nil {
		status = fmt.Sprintf("the token endpoint answered %d", e.Response.StatusCode)
	}
	return code, cmp.Or(e.ErrorDescription, inBody.Description, code, status)
}
