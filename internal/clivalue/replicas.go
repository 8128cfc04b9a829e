package clivalue

import (
	"fmt"
	"strconv"
)

// Replicas is of how many of Redis's replicas something is asked.
type Replicas int

// maxReplicas is more than anybody runs.
const maxReplicas = 100

// UnmarshalText says what is allowed where text is none.
func (r *Replicas) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > maxReplicas {
		return fmt.Errorf("%q: must be a whole number from 0 (none) to %d", text, maxReplicas)
	}
	*r = Replicas(n)
	return nil
}
