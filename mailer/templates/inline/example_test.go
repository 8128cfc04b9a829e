package inline_test

import (
	"fmt"
	"html/template"
	"os"
	"strings"

	"github.com/postroom/postroom/mailer/templates/inline"
)

// Actions are masked while styles are inlined, and html/template escapes each
// value for its place afterwards.
func ExampleCSS() {
	inlined, err := inline.CSS(`<style>
  .btn { color: white; padding: 8px }
  @media (max-width: 480px) { .btn { padding: 16px } }
</style>
<a class="btn" href="q7zaction000001z">Pay</a>
<a class="btn" style="color: q7zaction000002z">Look</a>
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(inlined)
	actions := strings.NewReplacer("q7zaction000001z", "{{.link}}", "q7zaction000002z", "{{.color}}")
	mail := template.Must(template.New("").Parse(actions.Replace(inlined)))
	if err := mail.Execute(os.Stdout, map[string]string{"link": "https://example.com/?a=1&b=2", "color": "red; }"}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <style>
	//   @media (max-width: 480px) { .btn { padding: 16px !important } }
	// </style>
	// <a style="color: white; padding: 8px;" class="btn" href="q7zaction000001z">Pay</a>
	// <a class="btn" style="color: white; padding: 8px; color: q7zaction000002z">Look</a>
	// <style>
	//   @media (max-width: 480px) { .btn { padding: 16px !important } }
	// </style>
	// <a style="color: white; padding: 8px;" class="btn" href="https://example.com/?a=1&amp;b=2">Pay</a>
	// <a class="btn" style="color: white; padding: 8px; color: ZgotmplZ">Look</a>
}
