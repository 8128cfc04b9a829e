package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// Set is a set of templates, parsed and checked. It does not change, and is
// safe for concurrent use.
type Set struct {
	templates map[string]*mail
	dir       string
	// instead says that it is the built-in one, where DefaultDir would have been taken.
	instead bool
}

// Dir is the directory that it was loaded from by LoadDir or Open; empty for the
// built-in set, and after Load.
func (s *Set) Dir() string { return s.dir }

// mail is one template.
type mail struct {
	variants variants
	data     *matter.Data // What it declares; nil for nothing.
}

// variants are a template's forms by canonical locale; the default's is empty.
type variants map[string]*variant

// variant is a template in one locale. One of html and text may be nil.
type variant struct {
	subject, html, text *part
	images              []mailer.Attachment // Those that the HTML may show.
	unsubscribe         unsubscribe
}

// Names returns the names of all templates, sorted.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.templates)) }

// Has reports whether there is a template of that name.
func (s *Set) Has(name string) bool { return s.templates[name] != nil }

// Render gives the content of a mail: the template of that name in the locale
// (such as "de-AT"; empty, unknown or malformed: the default), filled with
// data, which stays as it is and may be what encoding/json decoded, with
// json.Number or without, or any other Go values that it could encode.
//
// Its error is an *Error. errors.Is(err, mailer.ErrNoTemplate) asks whether
// there is no template of that name; all else is wrong with template or data
// and will be no better the next time.
func (s *Set) Render(name, locale string, data map[string]any) (mailer.Content, error) {
	one := s.templates[name]
	if one == nil {
		return mailer.Content{}, s.unknown(name)
	}
	var content mailer.Content
	err := recovered(name, func() error {
		object, err := values(name, data)
		if err != nil {
			return err
		}
		if err := one.check(name, object); err != nil {
			return err
		}
		variant, err := one.variants.in(locale).in(locale)
		if err == nil {
			content, err = variant.render(object)
		}
		return err
	})
	if err != nil {
		return mailer.Content{}, err
	}
	return content, nil
}

// recovered makes a panic an error, which tells the type of what was thrown
// and not what it says. Types of the data that encode themselves may panic.
func recovered(template string, render func() error) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = &Error{Template: template, Reason: fmt.Sprintf("panicked while it was rendered (%T)", thrown)}
		}
	}()
	return render()
}

// in is the variant for a locale. Before the language alone comes the language in
// the script that the region writes: "zh-TW" is for "zh-Hant" before it is for "zh".
func (v variants) in(locale string) *variant {
	script := scripted(locale)
	for locale = canonical(locale); locale != ""; locale = broader(locale) {
		if found := v[script]; found != nil && script != "" && !strings.Contains(locale, "-") {
			return found
		}
		if found := v[locale]; found != nil {
			return found
		}
	}
	return v[""]
}

func (v *variant) render(data map[string]any) (mailer.Content, error) {
	var c mailer.Content
	var err error
	if c.Subject, err = v.renderSubject(data); err != nil {
		return mailer.Content{}, err
	}
	if c.Unsubscribe, err = v.unsubscribe.render(data); err != nil {
		return mailer.Content{}, err
	}
	if v.html != nil {
		if c.HTML, err = v.html.render(data); err != nil {
			return mailer.Content{}, err
		}
		c.Images = shown(v.images, c.HTML)
	}
	if v.text != nil {
		if c.Text, err = v.text.render(data); err != nil {
			return mailer.Content{}, err
		}
	}
	return c, nil
}

// shown are those of the images that HTML shows: a mail program would list any
// other as a file.
func shown(images []mailer.Attachment, html string) []mailer.Attachment {
	var in []mailer.Attachment
	for _, image := range images {
		if strings.Contains(html, image.ContentID) {
			in = append(in, image)
		}
	}
	return in
}

// renderSubject gives one line: what a header may hold.
func (v *variant) renderSubject(data map[string]any) (string, error) {
	subject, err := v.subject.render(data)
	if err != nil {
		return "", err
	}
	subject = strings.TrimSpace(subject)
	switch {
	case subject == "":
		return "", v.subject.fault("gives an empty subject")
	case strings.ContainsFunc(subject, breaks):
		return "", v.subject.fault("gives a subject with a line break or another control character in it")
	}
	return subject, nil
}

func breaks(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// unknown is the error for a name that no template has.
func (s *Set) unknown(name string) error {
	if !namesPattern.MatchString(name) {
		return &Error{Template: brief(name), Reason: "there cannot be one: " + nameRule + ofFile(name)}
	}
	e := &Error{
		Template: brief(name), Err: mailer.ErrNoTemplate,
		Reason: mailer.ErrNoTemplate.Error() + "; there are: " + nearest(name, s.Names()),
	}
	if s.instead {
		e.Reason += " (the built-in set: there is no ./" + DefaultDir + " here)"
	}
	return e
}

// brief keeps a name that somebody sent from filling the log.
func brief(name string) string {
	const most = 100
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}
