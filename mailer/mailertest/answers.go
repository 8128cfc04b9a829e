package mailertest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

const (
	jsonType = "application/json; charset=UTF-8"

	// retryTimeFormat is how Gmail writes the time in its texts.
	retryTimeFormat = "2006-01-02T15:04:05.000Z"

	domainGlobal = "global"
	domainUsage  = "usageLimits"
)

// answer is one HTTP answer.
type answer struct {
	status      int
	contentType string
	header      http.Header // Further fields.
	body        []byte
}

// apiError is the body of Gmail's errors.
type apiError struct {
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Errors  []errorItem `json:"errors"`
	Status  string      `json:"status,omitempty"`
	Details []errorInfo `json:"details,omitempty"`
}

type errorItem struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
	Reason  string `json:"reason"`
}

// errorInfo is google.rpc.ErrorInfo, the newer form of a reason.
type errorInfo struct {
	Type   string `json:"@type"`
	Reason string `json:"reason"`
	Domain string `json:"domain"`
}

// failure is one of Gmail's JSON errors as a Fault.
func failure(code int, status, domain, reason, message string, infos ...string) Fault {
	e := apiError{Code: code, Message: message, Status: status, Errors: []errorItem{{message, domain, reason}}}
	for _, info := range infos {
		e.Details = append(e.Details, errorInfo{"type.googleapis.com/google.rpc.ErrorInfo", info, "googleapis.com"})
	}
	body, err := json.Marshal(map[string]apiError{"error": e})
	if err != nil { // Strings and numbers always marshal.
		body = nil
	}
	f := Answer(code, jsonType, string(body))
	return f.named(strconv.Itoa(code) + " " + reason)
}

// TooManyRequests is a 429 that names the time of the next try in its text,
// after two spaces, as Gmail writes it.
func TooManyRequests(retryAt time.Time) Fault {
	return failure(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", domainUsage, "rateLimitExceeded", rateText(retryAt))
}

// dayUsedUp is the 429 of the day's limit, whose text ends in a note.
func dayUsedUp(retryAt time.Time) Fault {
	return failure(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", domainUsage, "rateLimitExceeded", rateText(retryAt)+" (Mail sending)")
}

func rateText(retryAt time.Time) string {
	// Rounded up, so that a client that comes at that time is not early.
	at := retryAt.Add(time.Millisecond - 1).UTC()
	return "User-rate limit exceeded.  Retry after " + at.Format(retryTimeFormat)
}

// TooManyRequestsNoTime is a 429 that names no time.
func TooManyRequestsNoTime() Fault {
	return failure(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", domainGlobal, "rateLimitExceeded",
		"Resource has been exhausted (e.g. check quota).")
}

// TooManyRequestsRetryAfter is a 429 with a Retry-After header, in seconds or
// as a date (RFC 9110 section 10.2.3), and no time in its text.
func TooManyRequestsRetryAfter(value string) Fault {
	f := TooManyRequestsNoTime()
	f.answer.header = http.Header{"Retry-After": {value}}
	return f.named("429 Retry-After " + value)
}

// TooManyConcurrent is the 429 of too many requests of a user at once.
func TooManyConcurrent() Fault {
	return failure(http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", domainUsage, "rateLimitExceeded",
		"Too many concurrent requests for user")
}

// ForbiddenRate is TooManyRequests as a 403, as Gmail has answered it too.
func ForbiddenRate(retryAt time.Time) Fault {
	return failure(http.StatusForbidden, "", domainUsage, "rateLimitExceeded", rateText(retryAt))
}

// ForbiddenUserRate is the 403 of the units a user may use in a minute.
func ForbiddenUserRate() Fault {
	return failure(http.StatusForbidden, "", domainUsage, "userRateLimitExceeded", "User Rate Limit Exceeded")
}

// ForbiddenDaily is the 403 of the project's units of a day.
func ForbiddenDaily() Fault {
	return failure(http.StatusForbidden, "", domainUsage, "dailyLimitExceeded", "Daily Limit Exceeded")
}

// ForbiddenQuota is the 403 that tells of a quota in its text alone: its
// reason is the same as that of a missing permission.
func ForbiddenQuota() Fault {
	return failure(http.StatusForbidden, "PERMISSION_DENIED", domainGlobal, "forbidden",
		"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com' for consumer 'project_number:123456789012'.")
}

// InsufficientPermissions is the 403 of a token without the scope to send.
func InsufficientPermissions() Fault {
	return failure(http.StatusForbidden, "PERMISSION_DENIED", domainGlobal, "insufficientPermissions",
		"Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
}

// AccessNotConfigured is the 403 of a project in which the Gmail API is off.
func AccessNotConfigured() Fault {
	return failure(http.StatusForbidden, "PERMISSION_DENIED", domainUsage, "accessNotConfigured",
		"Gmail API has not been used in project 123456789012 before or it is disabled.", "SERVICE_DISABLED")
}

// DomainPolicy is the 403 of an administrator's rule against the app.
func DomainPolicy() Fault {
	return failure(http.StatusForbidden, "PERMISSION_DENIED", domainGlobal, "domainPolicy",
		"The domain administrators have disabled Gmail apps.")
}

// InvalidArgument is the 400 that blames the mail.
func InvalidArgument(message string) Fault {
	return failure(http.StatusBadRequest, "INVALID_ARGUMENT", domainGlobal, "invalidArgument", message)
}

// MailServiceNotEnabled is the 400 of an account without a mailbox.
func MailServiceNotEnabled() Fault {
	return failure(http.StatusBadRequest, "FAILED_PRECONDITION", domainGlobal, "failedPrecondition", "Mail service not enabled")
}

// PreconditionFailed is the 400 of an account in some other bad state.
func PreconditionFailed() Fault {
	return failure(http.StatusBadRequest, "FAILED_PRECONDITION", domainGlobal, "failedPrecondition", "Precondition check failed.")
}

// Unauthorized is the 401 of an access token that is not valid any more.
func Unauthorized() Fault {
	return failure(http.StatusUnauthorized, "UNAUTHENTICATED", domainGlobal, "authError", "Invalid Credentials")
}

// TooLarge is the 413 of a message over Gmail's limit.
func TooLarge() Fault {
	return failure(http.StatusRequestEntityTooLarge, "INVALID_ARGUMENT", domainGlobal, "uploadTooLarge", "Request Entity Too Large")
}

// InternalError is a 500.
func InternalError() Fault {
	return failure(http.StatusInternalServerError, "INTERNAL", domainGlobal, "backendError", "Backend Error")
}

// BackendError is a 503.
func BackendError() Fault {
	return failure(http.StatusServiceUnavailable, "UNAVAILABLE", domainGlobal, "backendError", "The service is currently unavailable.")
}

// BadGateway is a 502 whose body is a page of HTML, as a Google front end
// gives it.
func BadGateway() Fault {
	return Answer(http.StatusBadGateway, "text/html; charset=UTF-8",
		"<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That’s an error.</ins>\n"+
			"<p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.\n").named("502 HTML")
}

// OAuthError is an error of the token endpoint (RFC 6749 section 5.2), such as
// invalid_grant: 401 for invalid_client and unauthorized_client, else 400.
func OAuthError(code, description string) Fault {
	status := http.StatusBadRequest
	if code == "invalid_client" || code == "unauthorized_client" {
		status = http.StatusUnauthorized
	}
	body, err := json.Marshal(map[string]string{"error": code, "error_description": description})
	if err != nil { // Strings always marshal.
		body = nil
	}
	return Answer(status, jsonType, string(body)).named(code)
}
