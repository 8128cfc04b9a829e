// Package archtest holds the project's rooms apart: who may import whom, and
// what a binary must not link.
//
// Its test reads the module's packages from `go list` and lets [Check] judge
// them. The same table stands in .golangci.yml, which names the very line; but
// a linter can be left out, and it does not see what an import brings along.
package archtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Module is the path of the module whose rooms these are.
const Module = "github.com/postroom/postroom"

// Package is a package of the module.
type Package struct {
	// Path is its import path.
	Path string
	// Files are its files, those of its tests left out.
	Files []File
	// Deps are the import paths of all that it links, directly or not.
	Deps []string
}

// File is a source file that is no test.
type File struct {
	Name    string
	Imports []string
}

// Violation is a broken rule.
type Violation struct {
	Package, Import, Rule string
}

// String says who did what, and which rule forbids it.
func (v Violation) String() string {
	return fmt.Sprintf("%s must not know %s: %s", v.Package, v.Import, v.Rule)
}

// Check returns what in packages breaks a rule, by package and import.
func Check(packages []Package) []Violation {
	var found []Violation
	for _, p := range packages {
		room := strings.TrimPrefix(strings.TrimPrefix(p.Path, Module), "/")
		for _, file := range p.Files {
			for _, imported := range file.Imports {
				if rule := breaks(room, file.Name, imported); rule != "" {
					found = append(found, Violation{p.Path + "/" + file.Name, imported, rule})
				}
			}
		}
		if !linksNoSDK[room] {
			continue
		}
		for _, dep := range p.Deps {
			if isSDK(dep) {
				found = append(found, Violation{p.Path, dep, "producers link no Google SDK"})
			}
		}
	}
	slices.SortFunc(found, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Import, b.Import))
	})
	return found
}

// breaks returns the rule that is broken where a file of room imports a
// package, or nothing.
func breaks(room, file, imported string) string {
	if under(imported, miniredis) && (room != "cmd/worker" || file != "dev.go") {
		return "only cmd/worker/dev.go embeds a Redis"
	}
	other, ours := strings.CutPrefix(imported, Module+"/")
	if !ours {
		return ""
	}
	if onlyForTests[other] {
		if under(room, "internal") {
			return ""
		}
		return "it is for tests"
	}
	knows, ok := rooms[room]
	if !ok {
		return wiring(room, other)
	}
	if !slices.Contains(knows, other) {
		return "a room knows only floors below its own, and of these what DESIGN.md's table allows"
	}
	return ""
}

// wiring judges the rooms of the top floor, which introduce all others to each
// other, and folders that nobody has given a floor.
func wiring(room, other string) string {
	if !under(room, "cmd") && !under(room, "internal") {
		return "the table of internal/archtest does not name " + room
	}
	if room == "cmd/enqueue" && (other == "mailer/gmail" || other == "mailer/accounts") {
		return "producers link no Google SDK"
	}
	if under(other, "cmd") {
		return "nobody knows a command"
	}
	if slices.Contains(steps, other) {
		return "it is a part of mailer/templates"
	}
	return ""
}

func isSDK(path string) bool {
	return slices.ContainsFunc(sdk, func(prefix string) bool { return under(path, prefix) })
}

// under reports whether path is parent or lies below it.
func under(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }
