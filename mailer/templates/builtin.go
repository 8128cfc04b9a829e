package templates

import (
	"embed"
	"io/fs"
)

//go:embed builtin
var embedded embed.FS

// builtinFiles are those of the built-in set.
func builtinFiles() fs.FS {
	files, err := fs.Sub(embedded, "builtin")
	if err != nil {
		panic("templates: the built-in set: " + err.Error()) // The name is right.
	}
	return files
}

// Builtin returns the set that is there without any files: "welcome", which
// takes the variable "name".
func Builtin() *Set {
	set, err := load(builtinFiles(), "builtin")
	if err != nil {
		// Part of the program, and tested: it is there and right.
		panic("templates: the built-in set: " + err.Error())
	}
	return set
}
