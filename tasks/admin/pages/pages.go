package pages

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"github.com/postroom/postroom/mailer"
)

// Previews is what there is to preview.
type Previews interface {
	// Templates are those of the set as it is now, by name.
	Templates() []Template
	// Problem is what is wrong with the files of the set, so that it is an older
	// one; empty where nothing is.
	Problem() string
	// Preview makes what would be sent. Its error is shown as it stands.
	Preview(r Request) (m *mailer.Message, warnings []string, err error)
}

// Template is one that can be previewed.
type Template struct {
	Name string
	// Locales are those that it has beside the default.
	Locales []string
	// Example is the data that it declares, as JSON; empty where it declares none.
	Example string
	// Failing are the locales in which the example is not rendered; "" is the default.
	Failing []string
}

// Request says what to preview.
type Request struct {
	Template, Locale string
	// Data is JSON; empty stands for the template's example.
	Data string
	// Lane is "critical", "default" or "bulk".
	Lane string
}

// The pages of a mail and what they load.
const (
	previewPath = "/preview"
	mailboxPath = "/mailbox"
	staticPath  = "/pages"
)

// pagePolicy is the Content-Security-Policy of the pages: what they load is ours.
const pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed html static
var files embed.FS

// Handler answers for /preview, /mailbox and /pages.
type Handler struct {
	mux      http.ServeMux
	previews Previews
	mailbox  *Mailbox
	sources  *template.Template
}

// New returns a handler that shows these.
func New(previews Previews, mailbox *Mailbox) *Handler {
	h := &Handler{previews: previews, mailbox: mailbox}
	functions := template.FuncMap{"bytes": bytesIn, "labelled": labelled}
	h.sources = template.Must(template.New("").Funcs(functions).ParseFS(files, "html/*.html"))
	h.mux.HandleFunc("GET "+previewPath, h.firstTemplate)
	h.mux.HandleFunc("GET "+previewPath+"/{name...}", h.previewPage)
	h.mux.HandleFunc("GET "+mailboxPath, h.mailboxPage)
	h.mux.HandleFunc("GET "+mailboxPath+"/{number}", h.mailPage)
	h.mux.HandleFunc("GET "+mailboxPath+"/{number}/files/{file}", h.file)
	h.mux.Handle("GET "+staticPath+"/{file}", static())
	return h
}

// labels are links under a name that a screen reader says.
type labels struct {
	Label string
	Links []choice
}

func labelled(label string, links []choice) labels { return labels{label, links} }

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// bytesIn is a size as people read it.
func bytesIn(n int64) string {
	unit, name := 1e6, " MB"
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " bytes"
	case n < 1_000_000:
		unit, name = 1e3, " kB"
	}
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/unit, 'f', 1, 64), ".0") + name
}

// page is what every page has.
type page struct {
	Title string
	// Here is the page's place in the navigation.
	Here string
	// Watch is asked again and again; when its answer is no more Stamp, the page
	// loads itself anew.
	Watch, Stamp string
	Content      any
}

func (h *Handler) write(w http.ResponseWriter, status int, name string, p page) {
	var b bytes.Buffer
	if err := h.sources.ExecuteTemplate(&b, name, p); err != nil {
		http.Error(w, "The page could not be made: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // Nobody is left to tell.
}

// missing is the page for what is not there.
func (h *Handler) missing(w http.ResponseWriter, here, what string) {
	h.write(w, http.StatusNotFound, "missing.html", page{Title: "Not found", Here: here, Content: what})
}

// static answers with what the pages load.
func static() http.Handler {
	sub, err := fs.Sub(files, "static")
	if err != nil {
		panic("pages: " + err.Error()) // The name is right.
	}
	return http.StripPrefix(staticPath+"/", http.FileServerFS(sub))
}
