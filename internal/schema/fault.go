package schema

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Fault is one thing that is wrong with data.
type Fault struct {
	// Path is where, "items[2].price"; empty for the data as a whole.
	Path string
	// Reason is what, and goes on after the path.
	Reason string
}

// maxFaults is how many are told at once.
const maxFaults = 20

// faults are those of an error's leaves, sorted by path, each once.
func faults(e *jsonschema.ValidationError) []Fault {
	found := collect(nil, e)
	slices.SortFunc(found, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason)) })
	found = slices.Compact(found)
	return found[:min(len(found), maxFaults)]
}

func collect(found []Fault, e *jsonschema.ValidationError) []Fault {
	at := path(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range e.Causes {
			found = collect(found, cause)
		}
		return found
	case *kind.Required:
		for _, name := range k.Missing {
			found = append(found, Fault{at.to(name).String(), "is missing"})
		}
		return found
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			found = append(found, undeclared(at, name))
		}
		return found
	default:
		return append(found, Fault{at.String(), reason(e.ErrorKind)})
	}
}

func undeclared(at path, name string) Fault {
	if !namePattern.MatchString(name) {
		return Fault{at.String(), "has a name that the template does not declare"}
	}
	return Fault{at.to(name).String(), "is not declared by the template"}
}

// reason is what is wrong with a value, in words that do not quote it.
func reason(of jsonschema.ErrorKind) string {
	switch k := of.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be %s, not %s", either(k.Want), article(k.Got))
	case *kind.Enum:
		return "must be one of " + listed(k.Want)
	case *kind.Const:
		return fmt.Sprintf("must be %v", k.Want)
	case *kind.Format:
		return fmt.Sprintf("must be written as %s is%s (JSON Schema's format %q)", withArticle(k.Want), asIn(k.Want), k.Want)
	case *kind.Pattern:
		return "must match " + k.Want
	case *kind.MinLength:
		return "must have at least " + count(k.Want, "character")
	case *kind.MaxLength:
		return "must have at most " + count(k.Want, "character")
	case *kind.MinItems:
		return "must have at least " + count(k.Want, "element")
	case *kind.MaxItems:
		return "must have at most " + count(k.Want, "element")
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.FalseSchema:
		return "must not be there"
	default:
		return "does not fit the template's schema: " + strings.Join(of.KeywordPath(), "/")
	}
}

// formats are those of JSON Schema that a mail's data may well have, with a value of
// each.
var formats = map[string]string{
	"date": "2026-11-22", "date-time": "2026-11-22T15:04:05Z", "time": "15:04:05Z", "duration": "P3D", "email": "ada@example.org",
	"uri": "https://example.com/", "uuid": "018f5e2a-7c3b-7d4e-8f60-5a1b2c3d4e5f", "hostname": "example.com", "ipv4": "192.0.2.1",
}

func asIn(format string) string {
	if example := formats[format]; example != "" {
		return ", as in " + example
	}
	return ""
}

func withArticle(format string) string {
	switch format {
	case "email", "idn-email", "ipv4", "ipv6", "iri", "iri-reference", "idn-hostname":
		return "an " + format
	default:
		return "a " + format
	}
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func number(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// nouns are JSON's types for people.
var nouns = map[string]string{
	"null": "null", "boolean": "true or false", "string": "a string", "number": "a number", "integer": "a whole number",
	"array": "a list", "object": "an object",
}

func article(name string) string { return cmp.Or(nouns[name], name) }

func either(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = article(name)
	}
	return strings.Join(words, " or ")
}

func listed(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
