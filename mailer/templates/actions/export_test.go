package actions

// NearlyFull returns a table with room for one action more.
func NearlyFull() *Table { return &Table{actions: make([]Action, most-1)} }
