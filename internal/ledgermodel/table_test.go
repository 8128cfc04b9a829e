package ledgermodel_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTable holds docs/guarantees.md to the transitions of the model: its table
// has each of them, and no other.
func TestTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "guarantees.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| from | to | call | who | when |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/guarantees.md has no table of the states")
	}
	documented, modelled := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 {
			t.Fatalf("a line of the table has %d cells: %s", len(cells), line)
		}
		for _, by := range words.FindAllString(cells[3], -1) {
			for _, from := range words.FindAllString(cells[1], -1) {
				for _, to := range words.FindAllString(cells[2], -1) {
					if from != to { // A state may be kept, and only its claim or reason change.
						documented[by+": "+from+" → "+to] = true
					}
				}
			}
		}
	}
	for change := range transitions {
		from := string(change.from)
		if from == "" {
			from = "none"
		}
		modelled["`"+verbs[change.by]+"`: `"+from+"` → `"+string(change.to)+"`"] = true
	}
	if diff := cmp.Diff(sorted(modelled), sorted(documented)); diff != "" {
		t.Errorf("the table differs (- in the model, + in the table):\n%s", diff)
	}
}

var words = regexp.MustCompile("`[A-Za-z]+`")

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
