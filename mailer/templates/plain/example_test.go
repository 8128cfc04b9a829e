package plain_test

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/postroom/postroom/mailer/templates/plain"
)

func Example() {
	// Templates are loaded: actions are cut out, and put back into the text.
	source := plain.Text(`<p>Hello <!--q7zaction000001z-->, your code is <b><!--q7zaction000002z--></b>.</p>
		<p><a href="https://example.com/?code=q7zaction000003z">Log in</a></p>`,
		func(string) plain.Kind { return plain.Output })
	source = strings.NewReplacer(
		"q7zaction000001z", "{{.name}}",
		"q7zaction000002z", "{{.code}}",
		"q7zaction000003z", "{{.code}}",
	).Replace(source)
	parsed := template.Must(template.New("login").Parse(source))

	// A mail is rendered.
	var text strings.Builder
	if err := parsed.Execute(&text, map[string]string{"name": "Ada", "code": "12 34"}); err != nil {
		panic(err)
	}
	fmt.Print(plain.Tidy(text.String()))
	// Output:
	// Hello Ada, your code is 12 34.
	//
	// Log in: https://example.com/?code=12%2034
}
