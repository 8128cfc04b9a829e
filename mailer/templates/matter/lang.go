package matter

import (
	"regexp"

	"golang.org/x/text/language"
)

// langPattern is BCP 47 as the names of files have it, without what only adds to a
// locale.
var langPattern = regexp.MustCompile(`^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$`)

// lang reads a language.
func lang(f field) (Value, error) {
	v, err := text(f)
	if err != nil {
		return v, err
	}
	if _, err := language.Parse(v.Text); err != nil || !langPattern.MatchString(v.Text) {
		return v, at(f.value, `lang must be a language of BCP 47, as "de" or "pt-BR"`)
	}
	return v, nil
}
