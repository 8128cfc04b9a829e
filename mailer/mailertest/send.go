package mailertest

import (
	"errors"
	"net/http"
	"strings"

	"github.com/postroom/postroom/mailer"
)

// serveSend is users.messages.send in all its forms. It decides in this order:
// token, concurrency, size, form, scripted fault, the mail itself, quota.
func (f *Fake) serveSend(w http.ResponseWriter, r *http.Request) {
	f.sends.Add(1)
	a, ok := f.whose(bearer(r))
	if !ok {
		f.finish(w, nil, Unauthorized())
		return
	}
	a.sends.Add(1)
	inTime := a.enter(f)
	defer a.leave(f)
	if !inTime {
		f.finish(w, a, TooManyConcurrent())
		return
	}
	if user := r.PathValue("userId"); user != "me" && !strings.EqualFold(user, a.Address) {
		f.finish(w, a, failure(http.StatusForbidden, "PERMISSION_DENIED", domainGlobal, "forbidden", "Delegation denied for "+a.Address))
		return
	}
	sub, answered := f.receive(w, r, a)
	if answered.ends() {
		f.finish(w, a, answered)
		return
	}
	f.finish(w, a, f.process(a, sub))
}

// process decides what becomes of a mail that has been received whole.
func (f *Fake) process(a *account, sub *submission) Fault {
	m, invalid := parse(sub.raw)
	fault := f.script.forSend(Request{
		Account: a.Address, Number: int(f.ids.number()), PostroomID: m.postroomID,
		Recipients: m.recipients, Size: len(sub.raw),
	})
	if !fault.accepts {
		f.wait(f.latency + fault.delay)
		if fault.ends() {
			return fault
		}
	}
	if invalid != "" {
		return InvalidArgument(invalid)
	}
	if refusal, ok := a.admit(f.now(), len(m.recipients)); !ok {
		return refusal
	}
	f.accept(a, sub, m)
	if fault.accepts {
		f.wait(f.latency + fault.delay)
		if fault.ends() {
			return fault
		}
	}
	return sub.receipt()
}

// accept takes the mail: it gets its IDs and is written down.
func (f *Fake) accept(a *account, sub *submission, m *letter) {
	sub.id = f.ids.next()
	if sub.threadID == "" {
		sub.threadID = sub.id
	}
	a.accepted.Add(1)
	f.accepted.Add(1)
	f.log.add(f.countOnly, m.postroomID, func() AcceptedMail { return f.entry(a, sub, m) })
}

// finish counts the answer and writes it.
func (f *Fake) finish(w http.ResponseWriter, a *account, answer Fault) {
	f.noteAnswer(answer.status())
	if a != nil {
		a.noteAnswer(answer.status())
	}
	answer.write(w)
}

// receipt is the answer 200.
func (s *submission) receipt() Fault {
	body := `{"id":"` + s.id + `","threadId":` + quote(s.threadID) + `,"labelIds":["SENT"]}`
	return Fault{answer: &answer{status: http.StatusOK, contentType: jsonType, body: []byte(body)}}
}

// tooLong tells a body over the limit from one that broke off.
func tooLong(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}

// maxBody is room for the largest message as base64 with its JSON.
const maxBody = mailer.MaxSize/3*4 + 64<<10
