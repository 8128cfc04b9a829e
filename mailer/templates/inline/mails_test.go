package inline_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/internal/othermails"
	"github.com/postroom/postroom/mailer/templates/inline"
)

// Most of what others wrote can be inlined. That it looks the same then is for
// internal/othermails to see.
func TestMails(t *testing.T) {
	t.Parallel()
	for name, source := range othermails.All(t) {
		result, err := inline.CSS(source)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(source, "<style") && result == source {
			t.Errorf("%s: nothing is inlined", name)
		}
		if again, err := inline.CSS(result); err != nil || again != result {
			t.Logf("%s: inlining it once more changes it: %v", name, err)
		}
	}
}
