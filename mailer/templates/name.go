package templates

import (
	"path"
	"regexp"
	"strings"
)

// ending is the ending of a file's name and says which part of a mail it is.
type ending string

// The parts. A mail has its HTML from one of two.
const (
	endingSubject  ending = ".subject"
	endingMarkdown ending = ".md"
	endingHTML     ending = ".html"
	endingText     ending = ".txt"
)

// endings are all, for errors.
const endings = ".md, .html, .txt and .subject"

// lookalikes are endings that people write for those.
var lookalikes = map[string]ending{
	".htm": endingHTML, ".gohtml": endingHTML, ".tmpl": endingHTML, ".text": endingText, ".subj": endingSubject,
	".markdown": endingMarkdown,
}

// role is what a file is for.
type role int

const (
	page    role = iota // A mail's own.
	layout              // Around pages.
	partial             // Called by others.
	roles
)

// folders are those of the files that are no pages.
var folders = map[string]role{"layouts": layout, "partials": partial}

var (
	namesPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*$`)
	// localePattern is BCP 47 as far as it matters here: a language of two or
	// three letters and subtags.
	localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*$`)
)

// nameRule is what a template's name may be, for errors.
const nameRule = `a name is letters, digits, "-" and "_", with "/" between folders`

// source is a file of a template, by its name.
type source struct {
	// file is the path in the directory.
	file string
	// role is what it is for, and name what it is called by: a template's name, or
	// that of a layout or partial.
	role role
	name string
	// locale is canonical; empty for the default.
	locale string
	ending ending
}

// index is what a folder's own files are called: welcome/index.md is "welcome".
const index = "index"

// parseName takes a file's path apart. ok is false for files that have
// nothing to do with templates; an error says what to rename.
func parseName(file string) (s source, ok bool, reason string) {
	folder, base := path.Split(file)
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	want := ending(strings.ToLower(ext))
	if other := lookalikes[strings.ToLower(ext)]; other != "" {
		want = other
	}
	switch want {
	case endingSubject, endingMarkdown, endingHTML, endingText:
	default:
		return source{}, false, ""
	}
	if want == endingMarkdown && strings.EqualFold(stem, "readme") {
		return source{}, false, "" // For people.
	}
	if want != ending(ext) {
		return source{}, true, "is not read: the files of a template end in " + endings
	}
	name, locale, hasLocale := strings.Cut(stem, ".")
	if hasLocale && !localePattern.MatchString(locale) {
		return source{}, true, `has no locale like "de" or "de-AT" between its name and ` + ext
	}
	if !namesPattern.MatchString(folder + name) {
		return source{}, true, "is not a template's name: " + nameRule
	}
	s = source{file: file, name: folder + name, locale: canonical(locale), ending: want}
	if name == index && folder != "" {
		s.name = strings.TrimSuffix(folder, "/")
	}
	if top, rest, ok := strings.Cut(s.name, "/"); ok && folders[top] != page {
		s.role, s.name = folders[top], rest
	}
	if s.role != page && want == endingSubject {
		return source{}, true, "is not read: layouts and partials have no subject"
	}
	return s, true, ""
}

// ofFile is a word on a file's name that stands in the place of a template's.
func ofFile(name string) string {
	s, ok, reason := parseName(name)
	if !ok || reason != "" || s.role != page {
		return ""
	}
	return ", without its ending: " + brief(s.name)
}

// ofLayout is the name of a layout for who wrote its file's.
func ofLayout(file string) string {
	name := strings.TrimPrefix(file, "layouts/")
	if s, ok, reason := parseName(name); ok && reason == "" {
		name = s.name
	}
	return name
}

// canonical is the form of a locale in which two that mean the same are equal.
func canonical(locale string) string {
	return strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
}

// broader is the next locale to look for when there is none of this name, as
// RFC 4647 section 3.4 says: without the last subtag. It ends with the empty
// one, the default. That a subtag of one character goes with the one behind it
// makes no difference, since no file is named "de-x".
func broader(locale string) string {
	i := strings.LastIndexByte(locale, '-')
	return locale[:max(i, 0)]
}
