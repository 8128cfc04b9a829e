package templates

import (
	"slices"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates/matter"
)

// complete says which files a template lacks in a locale, or has too many of. It
// reports whether a variant can be made of them.
func (l *loader) complete(name, locale string, locales map[string]map[ending]*file) bool {
	files, base := locales[locale], locales[""]
	has := func(e ending) bool { _, ok := files[e]; return ok }
	for _, f := range files {
		if f == nil {
			return false // What is wrong with it was said.
		}
	}
	before := len(l.faults)
	htmls, text := has(endingMarkdown) || has(endingHTML), has(endingText)
	if has(endingMarkdown) && has(endingHTML) {
		l.missing(name, locale, locales, "stands beside "+l.fileName(name, locale, endingMarkdown)+": a mail has its HTML from one of them")
	}
	if !htmls && !text {
		l.missing(name, locale, locales, "has no body beside it: write "+l.fileName(name, locale, endingMarkdown)+", "+
			l.fileName(name, locale, endingHTML)+" or "+l.fileName(name, locale, endingText))
	} else {
		l.checkSubject(name, locale, locales)
	}
	if f := body(files); f != nil && locale != "" && f.front.Data != nil {
		l.blame(name, f.file, "declares data: that stands in "+l.fileName(name, "", f.ending)+" alone, for all locales")
	}
	l.checkLang(body(files), locale)
	if locale != "" && (htmls || text) {
		_, baseText := base[endingText]
		if body(base) != nil && !htmls {
			l.missing(name, locale, locales, "has no "+l.fileName(name, locale, endingHTML)+lacking)
		}
		if baseText && !text {
			l.missing(name, locale, locales, "has no "+l.fileName(name, locale, endingText)+lacking)
		}
	}
	return len(l.faults) == before
}

const lacking = " beside it: a locale has each file that the default has"

// checkLang says where front matter and name of a file are at odds.
func (l *loader) checkLang(f *file, locale string) {
	if f != nil && locale != "" && f.front.Lang.Line > 0 && canonical(f.front.Lang.Text) != locale {
		l.faults = append(l.faults, f.fault(f.front.Lang.Line, "has lang "+f.front.Lang.Text+", and its name says "+locale))
	}
}

// checkSubject says where a subject is missing, or there twice.
func (l *loader) checkSubject(name, locale string, locales map[string]map[ending]*file) {
	files := locales[locale]
	_, own := files[endingSubject]
	var front matter.Value
	f := body(files)
	if f != nil {
		front = f.front.Subject
	}
	switch {
	case own && front.Line > 0:
		l.faults = append(l.faults, f.fault(front.Line,
			"has a subject, and so has "+l.fileName(name, locale, endingSubject)+": one is enough"))
	case !own && front.Line == 0 && f != nil:
		l.blame(name, f.file, "has no subject: begin it with three lines, ---, subject: Hello and ---, or write "+
			l.fileName(name, locale, endingSubject))
	case !own && front.Line == 0:
		l.missing(name, locale, locales, "has no subject beside it: write "+l.fileName(name, locale, endingSubject))
	}
}

// variant makes a template in one locale.
func (l *loader) variant(name, locale string) *variant {
	files := l.files[page][name][locale]
	written := files[endingText]
	b := &builder{files: &l.files, builtin: l.builtin, images: l.images, locale: locale, body: body(files)}
	if b.body != nil && locale == "" {
		b.locale = canonical(b.body.front.Lang.Text)
	}
	b.language = languageOf(b.locale)
	if b.body == nil {
		b.body = written
	}
	b.subjectFile, b.subjectText = b.body, b.body.front.Subject
	if own := files[endingSubject]; own != nil {
		b.subjectFile, b.subjectText = own, matter.Value{Text: own.body, Line: own.line}
	}
	v := &variant{}
	try := func(build func() error) {
		if err := build(); err != nil {
			l.faults = append(l.faults, b.faultOf(err))
		}
	}
	try(func() (err error) {
		v.subject, err = b.subject()
		return err
	})
	try(func() (err error) {
		v.unsubscribe, err = b.unsubscribe(leaving(b.body, body(l.files[page][name][""])))
		return err
	})
	if b.body != written {
		try(func() (err error) {
			v.html, v.text, err = b.html(written == nil)
			v.images = unique(b.found)
			return err
		})
	}
	if written != nil {
		try(func() (err error) {
			v.text, err = b.text(written)
			return err
		})
	}
	return v
}

// unique are images, each once: layout and page may both name one.
func unique(found []mailer.Attachment) []mailer.Attachment {
	var each []mailer.Attachment
	for _, one := range found {
		if !slices.ContainsFunc(each, func(a mailer.Attachment) bool { return a.ContentID == one.ContentID }) {
			each = append(each, one)
		}
	}
	return each
}

// leaving is the file that says how a reader leaves the list: the default's says it
// for locales that don't.
func leaving(own, byDefault *file) *file {
	said := own.front.Unsubscribe
	if said.URL.Line == 0 && said.Mailto.Line == 0 && byDefault != nil {
		return byDefault
	}
	return own
}
