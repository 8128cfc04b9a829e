package plain_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/plain"
)

// Values that have marks in them spoil the look of their own mail, and no more:
// text does not grow without measure, and Tidy's time with the text alone.
func TestTidyOfHostileValues(t *testing.T) {
	t.Parallel()
	const size = 1 << 16
	for mark := range byte(0x20) {
		for _, value := range []string{
			string(mark), string(mark) + "a", string(mark) + "a\n", "a" + string(mark) + "\x02", "\x19\x1ba" + string(mark) + "\x1a",
		} {
			for _, rendered := range []string{
				strings.Repeat(value, size/len(value)),
				strings.Repeat(string(mark), size/2) + strings.Repeat("a\x02", size/4),
				strings.Repeat("\x17\x19\x1b", size/6) + strings.Repeat(value, size/2/len(value)),
			} {
				if n := len(plain.Tidy(rendered)); n > 80*size {
					t.Errorf("Tidy of %d bytes, such as %q, gave %d", len(rendered), value, n)
				}
			}
		}
	}
}
