package pages_test

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks/admin/pages"
)

// message is a composed mail, changed.
func message(t *testing.T, change func(*mailer.Draft)) *mailer.Message {
	t.Helper()
	d := mailer.Draft{
		MailID: "m-1", From: mailer.Address{Name: "Shop", Address: "shop@example.com"},
		To:      []mailer.Address{{Name: "Ada", Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Hello", Text: "Hello, Ada\n", HTML: "<p>Hello, Ada</p>\n"},
		Date:    time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC),
	}
	if change != nil {
		change(&d)
	}
	m, err := mailer.Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// previews has one template, which says what it was asked.
type previews struct {
	t       *testing.T
	problem string
}

func (p previews) Problem() string { return p.problem }

func (previews) Templates() []pages.Template {
	return []pages.Template{{Name: "billing/receipt", Locales: []string{"de", "de-at"}, Example: `{"name": "Ada"}`, Failing: []string{"de"}}, {Name: "plain"}}
}

func (p previews) Preview(r pages.Request) (*mailer.Message, []string, error) {
	if strings.Contains(r.Data, "broken") {
		return nil, nil, errors.New(`data.name: must be <b>a string</b>`)
	}
	var warnings []string
	if r.Lane == "bulk" {
		warnings = []string{"no <unsubscribe>"}
	}
	return message(p.t, func(d *mailer.Draft) {
		d.Subject = fmt.Sprintf("%s %q %q", r.Template, r.Locale, r.Data)
		if r.Template == "plain" {
			d.HTML = ""
		}
	}), warnings, nil
}

// send has the mailbox remember a mail.
func send(t *testing.T, box *pages.Mailbox, m *mailer.Message) {
	t.Helper()
	if _, err := box.Through(&mailertest.Recorder{}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, h http.Handler, address string) (int, http.Header, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody))
	return w.Code, w.Header(), w.Body.String()
}

func contains(t *testing.T, what, body string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(body, want) {
			t.Errorf("%s has no %q:\n%s", what, want, body)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	h := pages.New(previews{t: t}, &pages.Mailbox{})
	if status, header, _ := get(t, h, "/preview"); status != http.StatusSeeOther || header.Get("Location") != "/preview/billing/receipt" {
		t.Errorf("/preview: %d to %q", status, header.Get("Location"))
	}
	status, header, body := get(t, h, "/preview/billing/receipt?width=phone&scheme=dark")
	if policy := header.Get("Content-Security-Policy"); status != http.StatusOK || !strings.HasPrefix(policy, "default-src 'none';") {
		t.Errorf("%d, policy %q", status, policy)
	}
	contains(t, "the page", body,
		`<h1>billing/receipt &#34;&#34; &#34;&#34;</h1>`, `{&#34;name&#34;: &#34;Ada&#34;}</textarea>`, "No warnings",
		`<iframe class="dark" src="/preview/billing/receipt?raw=html&amp;scheme=dark&amp;width=phone" sandbox="allow-popups allow-popups-to-escape-sandbox"`,
		`<a href="/preview/billing/receipt?locale=de-at&amp;scheme=dark&amp;width=phone">de-at</a>`,
		`<a href="/preview/plain?scheme=dark&amp;width=phone">plain</a>`,
		`<input type="hidden" name="width" value="phone">`)
	if strings.Count(body, "<iframe") != 1 || strings.Contains(body, "allow-scripts") || strings.Contains(body, "allow-same-origin") {
		t.Errorf("frames:\n%s", body)
	}
	_, _, body = get(t, h, "/preview/billing/receipt?locale=de&lane=bulk&data=%7B%22a%22:1%7D&view=text")
	contains(t, "the page", body, `&#34;de&#34; &#34;{\&#34;a\&#34;:1}&#34;</h1>`, "<li>no &lt;unsubscribe&gt;</li>", "Hello, Ada\n</pre>")
	// Data that is left as it was is the example, which may change with the files.
	_, _, body = get(t, h, "/preview/billing/receipt?data=%7B%22name%22:+%22Ada%22%7D")
	contains(t, "the page", body, `<h1>billing/receipt &#34;&#34; &#34;&#34;</h1>`)
	_, _, body = get(t, h, "/preview/billing/receipt?view=source")
	contains(t, "the source", body, "&lt;p&gt;Hello, Ada&lt;/p&gt;")
	_, _, body = get(t, h, "/preview/billing/receipt?view=headers")
	contains(t, "the headers", body, `<th scope="row">From</th><td>&#34;Shop&#34; &lt;shop@example.com&gt;</td>`, `<th scope="row">MIME-Version</th>`)
	_, _, body = get(t, h, "/preview/plain")
	contains(t, "a mail without HTML", body, `aria-current="true">Text</a>`)
	if strings.Contains(body, "<iframe") {
		t.Error("a mail without HTML has a frame")
	}
	status, _, body = get(t, h, "/preview/billing/receipt?data=broken")
	contains(t, "an error", body, "must be &lt;b&gt;a string", "broken</textarea>")
	if status != http.StatusUnprocessableEntity {
		t.Errorf("an error is %d", status)
	}
	for _, address := range []string{"/preview/nope", "/preview/%3Cscript%3E", "/preview/billing%2F..%2Freceipt", "/pages/x.css", "/pages/..%2Fhtml%2Fmail.html"} {
		if status, _, body := get(t, h, address); status != http.StatusNotFound || strings.Contains(body, "<script>") {
			t.Errorf("%s: %d\n%s", address, status, body)
		}
	}
}

func TestPreviewShowsWhatFails(t *testing.T) {
	t.Parallel()
	_, _, body := get(t, pages.New(previews{t: t}, &pages.Mailbox{}), "/preview/billing/receipt")
	const mark = ` <span class="fails" title="It fails with its own example">fails</span></a>`
	contains(t, "the page", body, ">billing/receipt"+mark, ">de"+mark, ">de-at</a>", ">default</a>", ">plain</a>")
}

// TestPreviewTakesAnyLocale shows one that the template does not have as chosen.
func TestPreviewTakesAnyLocale(t *testing.T) {
	t.Parallel()
	h := pages.New(previews{t: t}, &pages.Mailbox{})
	_, _, body := get(t, h, "/preview/plain?locale=fr-CA&lane=bulk")
	contains(t, "the page", body, `aria-current="true">fr-CA</a>`, `name="locale" value="fr-CA"`, `<h1>plain &#34;fr-CA&#34;`)
	if strings.Count(body, `name="locale"`) != 1 {
		t.Error("the form has the locale twice")
	}
	_, _, body = get(t, h, "/preview/billing/receipt?locale=de-AT")
	contains(t, "the page", body, `aria-current="true">de-at</a>`)
	_, _, body = get(t, h, "/preview/plain")
	contains(t, "the page", body, `name="locale" value=""`)
}

func TestStampChangesWithWhatIsShown(t *testing.T) {
	t.Parallel()
	h := pages.New(previews{t: t}, &pages.Mailbox{})
	stamp := func(q string) string {
		_, _, body := get(t, h, "/preview/billing/receipt?raw=stamp"+q)
		return body
	}
	if stamp("") == "" || stamp("") != stamp("&width=phone") || stamp("") == stamp("&locale=de") || stamp("") == stamp("&data=broken") {
		t.Errorf("%q %q %q %q", stamp(""), stamp("&width=phone"), stamp("&locale=de"), stamp("&data=broken"))
	}
	_, _, body := get(t, h, "/preview/billing/receipt")
	_, _, broken := get(t, pages.New(previews{t: t, problem: "a.md:3: <b>"}, &pages.Mailbox{}), "/preview/billing/receipt")
	contains(t, "the page of a broken set", broken, "a.md:3: &lt;b&gt;", "this is from before", "<iframe")
	if strings.Contains(broken, stamp("")) {
		t.Error("the page of a broken set has the stamp of a whole one")
	}
	contains(t, "the page", body, `data-stamp="`+stamp("")+`"`, `data-watch="/preview/billing/receipt?raw=stamp"`)
}

func TestFrameAndDownload(t *testing.T) {
	t.Parallel()
	box := &pages.Mailbox{}
	send(t, box, message(t, func(d *mailer.Draft) {
		d.HTML = `<script>1</script><img src="cid:logo">`
		d.Attachments = []mailer.Attachment{
			{Name: "logo.png", Type: "image/png", ContentID: "logo", Content: []byte("PNG")},
			{Name: `a"b;<c>世.html`, Type: "text/html", Content: []byte("<script>1</script>")},
			{Name: "x.exe", Content: []byte("MZ")},
		}
	}))
	h := pages.New(previews{t: t}, box)
	_, header, body := get(t, h, "/mailbox/1?raw=html")
	policy := header.Get("Content-Security-Policy")
	if policy != mailer.FramePolicy+"; frame-ancestors 'self'" || header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("the frame's policy is %q, %q", policy, header.Get("X-Frame-Options"))
	}
	contains(t, "the frame", body, `<img src="data:image/png;base64,UE5H">`)
	_, _, body = get(t, h, "/mailbox/1")
	contains(t, "the page", body, `a&#34;b;&lt;c&gt;世.html</a>`, `href="/mailbox/1/files/1"`)
	for file, want := range map[string]struct{ name, content string }{
		"/mailbox/1/files/1": {`a"b;<c>世.html`, "<script>1</script>"},
		"/mailbox/1/files/2": {"x.exe", "MZ"},
		"/mailbox/1?raw=eml": {"message.eml", "From: "},
	} {
		status, header, body := get(t, h, file)
		disposition, params, err := mime.ParseMediaType(header.Get("Content-Disposition"))
		if status != http.StatusOK || err != nil || disposition != "attachment" || params["filename"] != want.name ||
			header.Get("Content-Type") != "application/octet-stream" || header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(body, want.content) {
			t.Errorf("%s: %d %v %.40q", file, status, header, body)
		}
	}
	for _, address := range []string{"/mailbox/2", "/mailbox/0", "/mailbox/x", "/mailbox/1/files/3", "/mailbox/1/files/-1", "/mailbox/1/files/x"} {
		if status, _, _ := get(t, h, address); status != http.StatusNotFound {
			t.Errorf("%s: %d", address, status)
		}
	}
}

// A name that is a path is not one on the reader's disk.
func TestDownloadNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"../../etc/passwd": ".._.._etc_passwd", `C:\a.txt`: "C__a.txt", "a\u202etxt.exe": "a_txt.exe", "a\r\nb": "a__b"} {
		if got := pages.DownloadName(name); got != want {
			t.Errorf("%q is saved as %q, want %q", name, got, want)
		}
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 3, 4, 5, 0, time.UTC)
	box := &pages.Mailbox{Now: func() time.Time { return at }}
	h := pages.New(previews{t: t}, box)
	_, _, body := get(t, h, "/mailbox")
	contains(t, "an empty mailbox", body, "No mail was sent yet")
	for i := range 120 {
		send(t, box, message(t, func(d *mailer.Draft) {
			d.MailID, d.Subject = fmt.Sprintf("m-%d", i), fmt.Sprintf("Order %d", i)
			if i == 7 {
				d.Subject, d.Template = `<script>alert(1)</script>`, "billing/receipt"
				d.Cc = []mailer.Address{{Name: `"><img src=x>`, Address: "zoë@example.net"}}
				d.Cc[0].Address = "zoe@example.net"
				d.Text = "Darjeeling und GYOKURO\n"
			}
		}))
	}
	_, _, body = get(t, h, "/mailbox")
	contains(t, "the first page", body, "1–50 of 120", `href="/mailbox?page=2" rel="next"`, ">Order 119<", "03:04:05", "120 sent in this run")
	if strings.Index(body, "Order 119") > strings.Index(body, "Order 118") || strings.Contains(body, `rel="prev"`) || strings.Contains(body, "Order 69<") {
		t.Error("the first page is not the 50 newest, newest first")
	}
	_, _, body = get(t, h, "/mailbox?page=3")
	contains(t, "the last page", body, "101–120 of 120", ">Order 0<", `href="/mailbox?page=2" rel="prev"`, "&lt;script&gt;alert(1)")
	if strings.Contains(body, `rel="next"`) || strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
		t.Errorf("the last page:\n%s", body)
	}
	for query, want := range map[string]string{
		"gyokuro+DARJEELING": "1–1 of 1", "zoe@example.net": "1–1 of 1", "billing/receipt": "1–1 of 1", "alert(1)": "1–1 of 1",
		"order+11": "1–11 of 11", "ada": "1–50 of 120", "m-119": "1–1 of 1", "gyokuro+nothing": "No mail has all", "%3Cscript%3E": "1–1 of 1",
	} {
		_, _, body := get(t, h, "/mailbox?q="+query)
		contains(t, "search for "+query, body, want)
		if strings.Contains(body, "<script>") {
			t.Errorf("search for %s shows a script", query)
		}
	}
	_, _, body = get(t, h, "/mailbox?q=ada&page=2")
	contains(t, "the second page of a search", body, `href="/mailbox?page=3&amp;q=ada" rel="next"`)
	_, _, body = get(t, h, "/mailbox/8")
	contains(t, "a mail", body, "&lt;script&gt;alert(1)", `<a href="/preview/billing/receipt">billing/receipt</a>`, `href="/mailbox/9" rel="prev"`, `href="/mailbox/7" rel="next"`)
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "<img") {
		t.Errorf("a mail:\n%s", body)
	}
	for _, page := range []string{"-1", "0", "x", "999999999999999999999"} {
		if status, _, _ := get(t, h, "/mailbox?page="+page); status != http.StatusOK {
			t.Errorf("page %s: %d", page, status)
		}
	}
}

// The oldest mails go, by number and by size.
func TestMailboxIsBounded(t *testing.T) {
	t.Parallel()
	box := &pages.Mailbox{}
	for range pages.MaxMails + 10 {
		send(t, box, message(t, nil))
	}
	_, total := box.Search("", 0, 1)
	_, first := box.Get(10)
	_, eleventh := box.Get(11)
	if total != pages.MaxMails || first || !eleventh || box.Count() != pages.MaxMails+10 {
		t.Errorf("%d are kept; the tenth %v, the eleventh %v; %d in all", total, first, eleventh, box.Count())
	}
	large := message(t, func(d *mailer.Draft) {
		d.Attachments = []mailer.Attachment{{Name: "a.bin", Content: make([]byte, 15_000_000)}}
	})
	for range 4 {
		send(t, box, large)
	}
	if found, total := box.Search("", 0, 10); total != 3 || found[0].Number != box.Count() {
		t.Errorf("%d are kept of mails with 20 MB", total)
	}
}

// Only what got through is remembered, and the answer is the backend's.
func TestThrough(t *testing.T) {
	t.Parallel()
	box := &pages.Mailbox{}
	fault := &mailer.Error{Class: mailer.Temporary, Text: "away"}
	sender := box.Through(failing{fault})
	if _, err := sender.Send(t.Context(), message(t, nil)); !errors.Is(err, error(fault)) || box.Count() != 0 {
		t.Errorf("%v, %d remembered", err, box.Count())
	}
	mailertest.TestSender(t, func(*testing.T) (mailer.Sender, func() int) {
		box := &pages.Mailbox{}
		return box.Through(&mailertest.Recorder{}), box.Count
	})
}

type failing struct{ err error }

func (f failing) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, f.err
}

func TestMailboxIsSafeForManyAtOnce(t *testing.T) {
	t.Parallel()
	box := &pages.Mailbox{}
	h, m := pages.New(previews{t: t}, box), message(t, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				send(t, box, m)
				get(t, h, "/mailbox?q=ada")
				get(t, h, "/mailbox/1")
			}
		})
	}
	all.Wait()
	if box.Count() != 400 {
		t.Errorf("%d were remembered", box.Count())
	}
}
