package templates_test

import (
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
)

// Templates may be a directory (LoadDir), or files that are embedded in the
// program.
func ExampleLoad() {
	set, err := templates.Load(fstest.MapFS{
		"welcome.subject":    {Data: []byte("Welcome, {{.name}}\n")},
		"welcome.html":       {Data: []byte("<p>Hello {{.name}}</p>\n")},
		"welcome.txt":        {Data: []byte("Hello {{.name}}\n")},
		"welcome.de.subject": {Data: []byte("Willkommen, {{.name}}\n")},
		"welcome.de.html":    {Data: []byte("<p>Hallo {{.name}}</p>\n")},
		"welcome.de.txt":     {Data: []byte("Hallo {{.name}}\n")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Names())
	// Output: [welcome]
}

// All that is wrong is said at once.
func ExampleLoad_errors() {
	_, err := templates.Load(fstest.MapFS{
		"welcome.subject": {Data: []byte("Welcome, {{.name")},
		"welcome.html":    {Data: []byte("<p>\n{{shout .name}}</p>\n")},
		"reset.txt":       {Data: []byte("Here is your link.\n")},
	})
	fmt.Println(err)
	// Output:
	// reset.txt: has no subject beside it: write reset.subject
	// welcome.html:2: function "shout" not defined
	// welcome.subject:1: an action is not closed: it ends with }}
}

func ExampleSet_Render() {
	set := templates.Builtin()
	content, err := set.Render("welcome", "en-GB", map[string]any{"name": "Ada"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(content.Subject)

	_, err = set.Render("welcome", "", map[string]any{"Name": "Ada"})
	if e, ok := errors.AsType[*templates.Error](err); ok {
		fmt.Println(e.Variable, e.Reason)
	}

	_, err = set.Render("welcom", "", nil)
	fmt.Println(errors.Is(err, mailer.ErrNoTemplate), err)
	// Output:
	// Welcome, Ada
	// Name is not declared by the template; name is missing
	// true template "welcom": no such template; there are: welcome
}
