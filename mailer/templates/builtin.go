package templates

import "embed"

//go:embed builtin
var builtin embed.FS

// Builtin returns the set that is there without any files: "welcome", which
// takes the variable "name".
func Builtin() *Set {
	set, err := loadSub(builtin, "builtin")
	if err != nil {
		// Part of the program, and tested: it is there and right.
		panic("templates: the built-in set: " + err.Error())
	}
	return set
}
