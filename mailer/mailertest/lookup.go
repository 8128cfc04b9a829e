package mailertest

import (
	"net/http"
	"slices"
	"strings"
)

// The scopes with which mail can be looked at (discovery document, gmail v1).
const (
	scopeFull     = "https://mail.google.com/"
	scopeModify   = "https://www.googleapis.com/auth/gmail.modify"
	scopeReadOnly = "https://www.googleapis.com/auth/gmail.readonly"
	scopeMetadata = "https://www.googleapis.com/auth/gmail.metadata"
)

// serveList is users.messages.list, of Sent mail: the fake has no other.
func (f *Fake) serveList(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	f.serveLookUp(w, r, lookUp{
		LookUp: LookUp{Query: values.Get("q")}, units: unitsOfList, count: func(c *counter) { c.lists.Add(1) },
		answer: func(g grant) Fault { return f.list(g, values) },
	})
}

// serveGet is users.messages.get.
func (f *Fake) serveGet(w http.ResponseWriter, r *http.Request) {
	id, values := r.PathValue("id"), r.URL.Query()
	f.serveLookUp(w, r, lookUp{
		LookUp: LookUp{ID: id}, units: unitsOfGet, count: func(c *counter) { c.gets.Add(1) },
		answer: func(g grant) Fault { return f.get(g, id, values) },
	})
}

// lookUp is a request that looks at mail.
type lookUp struct {
	LookUp

	units  int
	count  func(*counter)
	answer func(grant) Fault
}

// serveLookUp decides in this order: token, concurrency, scripted fault, user,
// scope, quota, and what is asked.
func (f *Fake) serveLookUp(w http.ResponseWriter, r *http.Request, l lookUp) {
	l.count(&f.counter)
	g, ok := f.opens(bearer(r))
	if !ok {
		Unauthorized().write(w)
		return
	}
	l.count(&g.account.counter)
	inTime := g.account.enter(f)
	defer g.account.leave(f)
	if !inTime {
		TooManyConcurrent().write(w)
		return
	}
	l.Account, l.Number = g.account.Address, int(f.ids.lookUps.Add(1))
	fault := f.script.forLookUp(l.LookUp)
	f.wait(f.latency + fault.delay)
	if fault.ends() {
		fault.write(w)
		return
	}
	f.allowed(r, g, l).write(w)
}

// allowed answers a look-up that no fault met.
func (f *Fake) allowed(r *http.Request, g grant, l lookUp) Fault {
	if user := r.PathValue("userId"); user != "me" && !strings.EqualFold(user, g.account.Address) {
		return forbidden("Delegation denied for " + g.account.Address)
	}
	if !g.holds(scopeFull, scopeModify, scopeReadOnly, scopeMetadata) {
		return InsufficientPermissions()
	}
	if refusal, ok := g.account.admitUnits(f.now(), l.units); !ok {
		return refusal
	}
	if f.countOnly {
		return Answer(http.StatusNotImplemented, "text/plain", "mailertest.CountOnly keeps no mail to look up")
	}
	return l.answer(g)
}

// holds reports whether one of the scopes was granted.
func (g grant) holds(scopes ...string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(g.scopes, s) })
}

func forbidden(message string) Fault {
	return failure(http.StatusForbidden, "PERMISSION_DENIED", domainGlobal, "forbidden", message)
}
