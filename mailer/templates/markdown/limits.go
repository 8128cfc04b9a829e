package markdown

import (
	"fmt"
	"strings"
)

// What no mail has, and what takes goldmark more than a second for a megabyte:
// its time grows with the square of each.
const (
	// maxDepth is how many quotations and lists may begin in one line.
	maxDepth = 100
	// maxBrackets is how many "[" may stand in lines that no blank one parts.
	maxBrackets = 500
	// maxPipes is how many "\|" may stand in a text.
	maxPipes = 1000
)

// checkLimits holds these limits. It names lines of the masked text, since it
// does not know the file's.
func checkLimits(masked string) error {
	number, brackets, pipes := 0, 0, 0
	for line := range strings.Lines(masked) {
		number++
		brackets += strings.Count(line, "[")
		pipes += strings.Count(line, `\|`)
		switch {
		case depth(line) > maxDepth:
			return fmt.Errorf("line %d: more than %d quotations or lists begin in it", number, maxDepth)
		case brackets > maxBrackets:
			return fmt.Errorf("line %d: there are more than %d \"[\" in a paragraph", number, maxBrackets)
		case pipes > maxPipes:
			return fmt.Errorf(`line %d: there are more than %d "\|" in the text`, number, maxPipes)
		case strings.TrimSpace(line) == "":
			brackets = 0
		}
	}
	return nil
}

// depth is how many quotations and lists may begin in a line. A line across the
// page, of asterisks or hyphens alone, is none.
func depth(line string) int {
	rest := strings.TrimLeft(line, " \t>*+-0123456789.)")
	if strings.TrimSpace(rest) == "" && !strings.ContainsAny(line, ">+0123456789") {
		return 0
	}
	prefix := line[:len(line)-len(rest)]
	count := strings.Count(prefix, ">")
	for _, marker := range []string{"*", "+", "-", ".", ")"} {
		count += strings.Count(prefix, marker+" ") + strings.Count(prefix, marker+"\t")
	}
	return count
}
