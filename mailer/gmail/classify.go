package gmail

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/postroom/postroom/mailer"
)

// classify says what it means that a message was not sent.
func classify(x exchange, now time.Time) *mailer.Error {
	switch {
	case x.tokenErr != nil:
		return TokenError(x.tokenErr, now)
	case x.status != 0:
		return classifyAnswer(x, now)
	case x.left:
		return &mailer.Error{Class: mailer.Unknown, Text: "no answer from Gmail: " + textOf(x.err), Err: x.err}
	default:
		return &mailer.Error{Class: mailer.Unreachable, Text: "Gmail not reached: " + textOf(x.err), Everyone: true, Err: x.err}
	}
}

// classifyLookUp says what it means that Sent mail could not be looked at. No
// answer means no more than that: the same may be asked again. What the account
// does not allow to a look-up blocks no sending.
func classifyLookUp(x exchange, now time.Time) *mailer.Error {
	e := classify(x, now)
	switch {
	case x.tokenErr != nil:
	case x.status != 0 && x.status <= 299:
		return unreadable(x.status, x.err)
	case e.Class == mailer.Unknown:
		e.Class = mailer.Temporary
	case x.status == http.StatusForbidden:
		if a := readAnswer(x); e.Class == mailer.Permanent || e.Class == mailer.Blocked && a.isForbidden() {
			e.Class, e.Remedy = mailer.Permanent, readRemedy
		}
	}
	return e
}

// unreadable is for an answer to a look-up that is none.
func unreadable(status int, cause error) *mailer.Error {
	return &mailer.Error{Class: mailer.Temporary, Code: status, Text: "Gmail's answer to the look-up cannot be read", Err: cause}
}

// classifyAnswer is for whatever was answered but a receipt.
func classifyAnswer(x exchange, now time.Time) *mailer.Error {
	a := readAnswer(x)
	e := &mailer.Error{Code: x.status, Reason: a.reason(), Text: shorten(a.text()), Err: a.err}
	switch remedy := a.remedy(); {
	case x.status < 200:
		e.Class = mailer.Unknown // 101 alone gets here, which is no answer to a POST.
	case x.status <= 299:
		// The status is no error's, and an unreadable body is no proof that
		// the mail was not taken.
		e.Class, e.Text = mailer.Unknown, "Gmail's answer has no message ID that can be read"
	case x.status <= 399:
		// Gmail redirects no send: something between it and us answered, a
		// proxy or a network's login page.
		e.Class = mailer.Temporary
	case x.status >= http.StatusInternalServerError:
		e.Class = mailer.Temporary
	case x.status == http.StatusTooManyRequests:
		e.Class = mailer.Throttled
	case remedy != "":
		e.Class, e.Remedy = mailer.Blocked, remedy
	case a.isQuota():
		e.Class = mailer.Throttled
	case x.err != nil || mayRepeat(x.status):
		// Refused, that is certain; the reason is not known, or is not the
		// mail's fault.
		e.Class = mailer.Temporary
	default:
		e.Class = mailer.Permanent
	}
	if e.Class == mailer.Throttled || e.Class == mailer.Temporary {
		e.RetryAt = retryAt(x.header, a.text(), now)
	}
	return e
}

// mayRepeat reports a status that blames the connection, not the request: RFC
// 9110 sections 15.5.9 and 15.5.20 and RFC 8470 section 5.2 say that the same
// request may be made again, on another one.
func mayRepeat(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusMisdirectedRequest || status == http.StatusTooEarly
}

// TokenError says what it means that a credential gave no access token: err is
// that of accounts.Source or accounts.Credential. It is what Send and Check
// return. All that is not a verdict on the credential is Unreachable: no byte of
// a mail left. now is for the time that the token endpoint may name.
func TokenError(err error, now time.Time) *mailer.Error {
	if e, ok := errors.AsType[unusable](err); ok {
		return &mailer.Error{
			Class: mailer.Blocked, Confirmed: true, Text: shorten("no access token: " + err.Error()), Remedy: e.Remedy(), Err: err,
		}
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return &mailer.Error{Class: mailer.Unreachable, Text: "no access token: " + textOf(err), Err: err}
	}
	code, description := oauthError(refused)
	e := &mailer.Error{Class: mailer.Unreachable, Reason: code, Text: shorten("no access token: " + description), Err: err}
	if refused.Response != nil {
		e.Code = refused.Response.StatusCode
		e.RetryAt = retryAt(refused.Response.Header, "", now)
	}
	if isVerdict(e.Code, code) {
		e.Class, e.Confirmed, e.Remedy, e.RetryAt = mailer.Blocked, true, tokenRemedy(code), time.Time{}
	}
	return e
}

// unusable is an error of Tokens that no waiting mends: there is no credential,
// or it can't be read. It says what to do.
type unusable interface {
	error
	Remedy() string
}

// isVerdict reports whether an error of the token endpoint is about the
// credential (RFC 6749 section 5.2), and not about the endpoint itself or
// something that stands before it.
func isVerdict(status int, code string) bool {
	switch {
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return false
	case code == "", code == "server_error", code == "temporarily_unavailable":
		return false
	default:
		return true
	}
}

// textOf is an error's text without the address of the request, which says
// nothing and is long.
func textOf(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok && u.Err != nil {
		err = u.Err
	}
	return shorten(err.Error())
}
