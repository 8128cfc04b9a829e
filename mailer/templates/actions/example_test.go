package actions_test

import (
	"fmt"

	"github.com/postroom/postroom/mailer/templates/actions"
)

func Example() {
	var table actions.Table
	masked, err := table.Cut("welcome.html", 1, `<p title="{{.name}}">Hello</p>`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(masked)
	restored := table.Restore(masked)
	fmt.Println(restored.Text)
	if origin, ok := restored.Origin(1, 12); ok {
		fmt.Println(origin.File, origin.Line, origin.Action.Text)
	}
	// Output:
	// <p title="q7zaction000001z">Hello</p>
	// <p title="{{.name}}">Hello</p>
	// welcome.html 1 {{.name}}
}
