package templates

import (
	"sync"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// regional are a part's forms in other regions than its own, by the name of their
// formats. Each is made when a mail first asks for it; there are as many as CLDR
// has regions of the language.
type regional struct{ parts sync.Map }

// in is the variant with numbers and dates as a mail's locale has them.
func (v *variant) in(locale string) (*variant, error) {
	if locale == "" || !v.formatting() {
		return v, nil
	}
	formats := formatsFor(v.subject.language, locale)
	other := *v
	for _, p := range []**part{&other.subject, &other.html, &other.text} {
		var err error
		if *p, err = (*p).in(formats); err != nil {
			return nil, err
		}
	}
	return &other, nil
}

// formatting reports whether any part writes numbers or dates.
func (v *variant) formatting() bool {
	return v.subject.formatting || v.html != nil && v.html.formatting || v.text != nil && v.text.formatting
}

// in is the part with these formats.
func (p *part) in(formats *cldr.Formats) (*part, error) {
	if p == nil || !p.formatting || formats == nil || formats == p.formats {
		return p, nil
	}
	if made, ok := p.regional.parts.Load(formats.Name()); ok {
		return made.(*part), nil //nolint:errcheck,forcetypeassert // Nothing else is in there.
	}
	other := *p
	other.formats, other.compiled = formats, nil
	if fault := other.compile(); fault != nil {
		return nil, fault
	}
	made, _ := p.regional.parts.LoadOrStore(formats.Name(), &other)
	return made.(*part), nil //nolint:errcheck,forcetypeassert // Nothing else is in there.
}
