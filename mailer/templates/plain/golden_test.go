package plain_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Mails that others wrote read well. Look at mail.txt with a recipient's eyes
// before you believe it.
func TestMailsOfOthers(t *testing.T) {
	t.Parallel()
	invited := data{
		"blogName": "The Tea Post", "invitedByName": "Ada", "invitedByEmail": "ada@example.com",
		"resetLink": "https://tea.example/signup/abc/", "siteUrl": "https://tea.example/", "recipientEmail": "bob@example.com",
	}
	for name, values := range map[string]data{"action": nil, "invite": invited, "order": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			html, err := os.ReadFile(filepath.Join("testdata", name, "mail.html"))
			if err != nil {
				t.Fatal(err)
			}
			got := render(t, string(html), values)
			golden := filepath.Join("testdata", name, "mail.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v (go test -update writes it)", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("text of %s (-want +got):\n%s", name, diff)
			}
		})
	}
}
