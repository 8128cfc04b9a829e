package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer"
)

// maxData is the most characters of data that the page takes: they stand in its
// address, so that it can be loaded anew and kept as a bookmark.
const maxData = 8000

// previewed is what the page of a template shows.
type previewed struct {
	Templates      []choice
	Name           string
	Locales, Lanes []choice
	Locale         string // The one that was asked for.
	// Data is what stands in the form, and Declared says that the template has an
	// example of it. Kept are the form's other values.
	Data     string
	Declared bool
	MaxData  int
	Kept     []field
	// Problem is what is wrong with the files, and Error why there is no message.
	Problem  string
	Error    string
	Warnings []string
	Message  *message
}

// firstTemplate leads to a template.
func (h *Handler) firstTemplate(w http.ResponseWriter, r *http.Request) {
	all := h.previews.Templates()
	if len(all) == 0 {
		h.missing(w, previewPath, "There is no template.")
		return
	}
	http.Redirect(w, r, templateURL(all[0].Name), http.StatusSeeOther)
}

func templateURL(name string) string { return (&url.URL{Path: previewPath + "/" + name}).String() }

func (h *Handler) previewPage(w http.ResponseWriter, r *http.Request) {
	name, all := r.PathValue("name"), h.previews.Templates()
	i := slices.IndexFunc(all, func(t Template) bool { return t.Name == name })
	if i < 0 {
		h.missing(w, previewPath, fmt.Sprintf("There is no template %q.", name))
		return
	}
	t, address := all[i], r.URL
	p := previewed{Name: name, Problem: h.previews.Problem(), Declared: t.Example != "", MaxData: maxData}
	q := Request{Template: name}
	q.Lane, p.Lanes = choose(address, "lane", []string{"default", "critical", "bulk"},
		map[string]string{"default": "default", "critical": "critical", "bulk": "bulk"})
	q.Locale, p.Locales = chooseLocale(address, t)
	p.Locale = q.Locale
	p.Data = strings.ReplaceAll(address.Query().Get("data"), "\r\n", "\n")
	if strings.TrimSpace(p.Data) == "" {
		p.Data = t.Example
	}
	if p.Data != t.Example {
		q.Data = p.Data
	}
	m, warnings, err := h.previews.Preview(q)
	if r.URL.Query().Get(asRaw) == "stamp" {
		_, _ = io.WriteString(w, stamp(names(all), p.Problem, m, err)) // Nobody is left to tell.
		return
	}
	status := http.StatusOK
	if err == nil {
		if raw(w, r, m) {
			return
		}
		p.Warnings = warnings
		p.Message, err = shown(m, address)
	}
	if err != nil {
		p.Error, status = err.Error(), http.StatusUnprocessableEntity
	}
	for _, t := range all {
		p.Templates = append(p.Templates, choice{t.Name, keepLook(t.Name, address), t.Name == name, len(t.Failing) > 0})
	}
	for _, kept := range []string{"lane", asView, asWidth, asScheme} {
		if value := address.Query().Get(kept); value != "" {
			p.Kept = append(p.Kept, field{kept, value})
		}
	}
	h.write(w, status, "preview.html", page{
		Title: name, Here: previewPath, Watch: with(address, asRaw, "stamp"), Stamp: stamp(names(all), p.Problem, m, err), Content: p,
	})
}

// chooseLocale takes any locale: one that the template does not have is answered as
// for a mail, by a broader one or the default.
//
// One that was asked for is shown as chosen, the template's or not.
func chooseLocale(address *url.URL, t Template) (chosen string, links []choice) {
	chosen = address.Query().Get("locale")
	fails := func(locale string) bool { return slices.Contains(t.Failing, locale) }
	links = make([]choice, 1, 2+len(t.Locales))
	links[0] = choice{"default", with(address, "locale", ""), chosen == "", fails("")}
	found := chosen == ""
	for _, locale := range t.Locales {
		is := strings.EqualFold(locale, chosen)
		found = found || is
		links = append(links, choice{locale, with(address, "locale", locale), is, fails(locale)})
	}
	if !found {
		links = append(links, choice{chosen, with(address, "locale", chosen), true, false})
	}
	return chosen, links
}

// keepLook is another template's page, looked at in the same way.
func keepLook(name string, address *url.URL) string {
	q := address.Query()
	q.Del("data")
	q.Del("locale")
	u := url.URL{Path: previewPath + "/" + name, RawQuery: q.Encode()}
	return u.String()
}

func names(all []Template) string {
	var b strings.Builder
	for _, t := range all {
		fmt.Fprintf(&b, "%s %s %q\n", t.Name, t.Locales, t.Failing)
	}
	return b.String()
}

// stamp is another one whenever the page is to look otherwise. The date does not
// count.
func stamp(names, problem string, m *mailer.Message, err error) string {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%q %q ", names, problem) // It has no error.
	if err != nil {
		_, _ = io.WriteString(hash, "error: "+err.Error())
	} else if letter, err := m.Open(); err == nil {
		_, _ = fmt.Fprintf(hash, "%q %q %q %q", letter.Field("Subject"), letter.HTML, letter.Text, letter.Files)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
