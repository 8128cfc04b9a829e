package pages

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is how many mails a page of the list has.
const pageSize = 50

// list is what the page of all mails shows.
type list struct {
	Query        string
	Mails        []Mail
	Total, Count int
	// From and To number the mails of this page, and Newer and Older lead to the
	// others.
	From, To     int
	Newer, Older string
	MaxMails     int
	MaxBytes     int64
}

func (h *Handler) mailboxPage(w http.ResponseWriter, r *http.Request) {
	count := strconv.Itoa(h.mailbox.Count())
	if r.URL.Query().Get(asRaw) == "stamp" {
		_, _ = io.WriteString(w, count) // Nobody is left to tell.
		return
	}
	l := list{Query: r.URL.Query().Get("q"), Count: h.mailbox.Count(), MaxMails: MaxMails, MaxBytes: MaxBytes}
	number, _ := strconv.Atoi(r.URL.Query().Get("page")) // What is none is the first.
	number = min(max(number, 1), MaxMails)
	l.Mails, l.Total = h.mailbox.Search(l.Query, (number-1)*pageSize, pageSize)
	l.From, l.To = (number-1)*pageSize+1, (number-1)*pageSize+len(l.Mails)
	if number > 1 {
		l.Newer = with(r.URL, "page", strconv.Itoa(number-1))
	}
	if l.To < l.Total && len(l.Mails) > 0 {
		l.Older = with(r.URL, "page", strconv.Itoa(number+1))
	}
	h.write(w, http.StatusOK, "mailbox.html", page{
		Title: "Mailbox", Here: mailboxPath, Watch: mailboxPath + "?" + asRaw + "=stamp", Stamp: count, Content: l,
	})
}

// mailView is what the page of a mail shows.
type mailView struct {
	Mail

	Template     string // The address of its page.
	Message      *message
	Newer, Older string
}

func (h *Handler) mailPage(w http.ResponseWriter, r *http.Request) {
	mail, ok := h.find(w, r)
	if !ok || raw(w, r, mail.Message) {
		return
	}
	v := mailView{Mail: mail}
	var err error
	if v.Message, err = shown(mail.Message, r.URL); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for i, f := range v.Message.Letter.Files {
		v.Message.Files = append(v.Message.Files, file{
			Name: f.Name, Type: f.Type, Size: int64(len(f.Content)), Inline: f.ContentID != "",
			URL: mailURL(mail.Number, nil) + "/files/" + strconv.Itoa(i),
		})
	}
	if name := mail.Message.Template; name != "" {
		v.Template = templateURL(name)
	}
	look := r.URL.Query()
	if _, ok := h.mailbox.Get(mail.Number + 1); ok {
		v.Newer = mailURL(mail.Number+1, look)
	}
	if _, ok := h.mailbox.Get(mail.Number - 1); ok {
		v.Older = mailURL(mail.Number-1, look)
	}
	h.write(w, http.StatusOK, "mail.html", page{Title: v.Message.Subject, Here: mailboxPath, Content: v})
}

func mailURL(number int, q url.Values) string {
	u := url.URL{Path: mailboxPath + "/" + strconv.Itoa(number), RawQuery: q.Encode()}
	return u.String()
}

// find is the mail of the address; where there is none it has answered.
func (h *Handler) find(w http.ResponseWriter, r *http.Request) (Mail, bool) {
	number, _ := strconv.Atoi(r.PathValue("number")) // There is no mail 0.
	mail, ok := h.mailbox.Get(number)
	if !ok {
		h.missing(w, mailboxPath, "There is no such mail in this run, or it has made room for newer ones.")
	}
	return mail, ok
}

// file answers with an attachment.
func (h *Handler) file(w http.ResponseWriter, r *http.Request) {
	mail, ok := h.find(w, r)
	if !ok {
		return
	}
	letter, err := mail.Message.Open()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	i, err := strconv.Atoi(r.PathValue("file"))
	if err != nil || i < 0 || i >= len(letter.Files) {
		h.missing(w, mailboxPath, "The mail has no such file.")
		return
	}
	download(w, letter.Files[i].Name)
	_, _ = w.Write(letter.Files[i].Content) // Nobody is left to tell.
}
