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
	// maxCells is how many cells its tables may have: every row gets as many as the
	// widest head, whatever stands in it.
	maxCells = 200_000
)

// checkLimits holds these limits. It names lines of the masked text, since it
// does not know the file's.
func checkLimits(masked string) error {
	number, brackets, pipes, rows, columns := 0, 0, 0, 0, 0
	for line := range strings.Lines(masked) {
		number++
		brackets += strings.Count(line, "[")
		pipes += strings.Count(line, `\|`)
		if cells := strings.Count(line, "|"); cells > 0 {
			rows, columns = rows+1, max(columns, cells+1)
		}
		switch {
		case rows*columns > maxCells:
			return fmt.Errorf("line %d: the tables come to more than %d cells", number, maxCells)
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
