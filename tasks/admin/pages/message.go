package pages

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/postroom/postroom/mailer"
)

// The names in a page's address.
const (
	asView   = "view"
	asWidth  = "width"
	asScheme = "scheme"
	asRaw    = "raw"
)

// message is a message on a page: one of its views, and the ways to the others.
type message struct {
	Letter  *mailer.Letter
	Subject string
	Size    int64
	// View is "html", "text", "source" or "headers".
	View                   string
	Views, Widths, Schemes []choice
	// Frames show the HTML.
	Frames []frame
	// Fields are the header's, for the view of these.
	Fields []mailer.Field
	// Files are the attachments.
	Files []file
	// Outside reports addresses in the HTML that a frame does not load from.
	Outside bool
	// Download is the message's file.
	Download string
}

// choice is one of some links.
type choice struct {
	Name, URL string
	Current   bool
	Fails     bool // Its own example is not rendered.
}

type frame struct {
	// Name is "Desktop" or "Phone", and Kind and Scheme are classes in the sheet.
	Name, Kind, Scheme, URL string
}

type field struct{ Name, Value string }

type file struct {
	Name, Type, URL string
	Size            int64
	Inline          bool
}

// shown puts a message on the page at address.
func shown(m *mailer.Message, address *url.URL) (*message, error) {
	letter, err := m.Open()
	if err != nil {
		return nil, fmt.Errorf("take the message apart: %w", err)
	}
	s := &message{Letter: letter, Subject: letter.Field("Subject"), Size: m.Size(), Download: with(address, asRaw, "eml")}
	views := []string{"html", "text", "source", "headers"}
	if letter.HTML == "" {
		views = []string{"text", "headers"}
	}
	names := map[string]string{"html": "HTML", "text": "Text", "source": "Source", "headers": "Headers"}
	s.View, s.Views = choose(address, asView, views, names)
	if s.View == "html" {
		s.frames(address)
	}
	if s.View == "headers" {
		s.Fields = m.Fields()
	}
	s.Outside = loadsFromOutside(letter.HTML)
	return s, nil
}

func (s *message) frames(address *url.URL) {
	var width, scheme string
	width, s.Widths = choose(address, asWidth, []string{"both", "desktop", "phone"},
		map[string]string{"both": "Both", "desktop": "Desktop", "phone": "Phone"})
	scheme, s.Schemes = choose(address, asScheme, []string{"light", "dark"}, map[string]string{"light": "Light", "dark": "Dark"})
	raw := with(address, asRaw, "html")
	if width != "phone" {
		s.Frames = append(s.Frames, frame{"Desktop", "desktop", scheme, raw})
	}
	if width != "desktop" {
		s.Frames = append(s.Frames, frame{"Phone", "phone", scheme, raw})
	}
}

// choose finds which of the values the address has, else the first, and makes a
// link to each.
func choose(address *url.URL, name string, values []string, names map[string]string) (chosen string, links []choice) {
	if chosen = address.Query().Get(name); !slices.Contains(values, chosen) {
		chosen = values[0]
	}
	for i, value := range values {
		link := with(address, name, value)
		if i == 0 {
			link = with(address, name, "")
		}
		links = append(links, choice{names[value], link, value == chosen, false})
	}
	return chosen, links
}

// with is the address with another value of a name; without any for "".
func with(address *url.URL, name, value string) string {
	q := address.Query()
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	u := url.URL{Path: address.Path, RawPath: address.RawPath, RawQuery: q.Encode()}
	return u.String()
}

// loadsFromOutside guesses whether an image or a style comes from elsewhere: it is
// for a remark alone.
func loadsFromOutside(html string) bool {
	lower := strings.ToLower(html)
	for _, sign := range []string{`src="http`, `src='http`, `background="http`, "url(http", "url('http", `url("http`, "url(&#39;http"} {
		if strings.Contains(lower, sign) {
			return true
		}
	}
	return false
}

// raw answers with the message itself, where the address asks for it.
func raw(w http.ResponseWriter, r *http.Request, m *mailer.Message) bool {
	switch r.URL.Query().Get(asRaw) {
	case "html":
		letter, err := m.Open()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return true
		}
		h := w.Header()
		h.Set("Content-Security-Policy", mailer.FramePolicy+"; frame-ancestors 'self'")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(letter.Frame())) // Nobody is left to tell.
	case "eml":
		download(w, "message.eml")
		_, _ = m.WriteTo(w) // Nobody is left to tell.
	default:
		return false
	}
	return true
}

// download has the browser save what follows, whatever it is.
func download(w http.ResponseWriter, name string) {
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": downloadName(name)})
	if disposition == "" { // It is no UTF-8.
		disposition = "attachment"
	}
	w.Header().Set("Content-Disposition", disposition)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
}

// downloadName is a name that is no path, and shows its true end.
func downloadName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:`, r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '_'
		}
		return r
	}, name)
}
