package templates

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// nearest lists a few names, those most like the wanted one first.
func nearest(wanted string, names []string) string {
	wanted = brief(wanted)
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(distance(wanted, a), distance(wanted, b))
	})
	return few(names)
}

// few are the first of some names, and how many more there are.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// distance is how many characters one has to type to make one name of the
// other (Levenshtein's). A right name in a wrong folder is the nearest of all.
func distance(a, b string) int {
	if path.Base(a) == path.Base(b) {
		return 0
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
