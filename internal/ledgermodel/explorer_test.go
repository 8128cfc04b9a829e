package ledgermodel_test

import (
	"fmt"
	"strings"
)

// found is what an exploration saw.
type found struct {
	worlds, steps int
	schedules     float64
	complete      bool
	violation     error
}

// explorer is one exploration.
type explorer struct {
	*model

	nodes []node
	met   map[world]int32
	edges []edge
	at    int32 // Whose moves are made.

	labels *interned[label]
	found
}

// node is a world, and how it was reached first.
type node struct {
	world world
	from  int32
	by    uint16 // In explorer.labels.
}

type edge struct{ from, to int32 }

// explore goes from the first world to all that can be reached, breadth first,
// so that the schedule that breaks a rule is a shortest one. It ends with that,
// or after so many worlds.
func (m *model) explore(most int) found {
	first := world{left: m.left}
	x := explorer{model: m, nodes: []node{{world: first, from: -1}}, met: map[world]int32{first: 0}, labels: newInterned[label]()}
	m.emit = x.reach
	for x.at = 0; int(x.at) < len(x.nodes) && len(x.nodes) < most && x.violation == nil; x.at++ {
		m.moves(x.nodes[x.at].world)
		if m.broken != nil && x.violation == nil {
			x.violation = x.report(x.at)
		}
	}
	x.complete = int(x.at) == len(x.nodes)
	x.worlds = len(x.nodes)
	x.schedules = schedules(len(x.nodes), x.edges)
	return x.found
}

// reach is a step to a world.
func (x *explorer) reach(by label, w world) {
	if x.broken != nil {
		return
	}
	x.steps++
	to, ok := x.met[w]
	if !ok {
		to = int32(len(x.nodes))
		x.met[w] = to
		x.nodes = append(x.nodes, node{w, x.at, x.labels.id(by)})
	}
	if to != x.at {
		x.edges = append(x.edges, edge{x.at, to})
	}
	if ok {
		return
	}
	if x.broken = x.checkWorld(&w); x.broken != nil {
		x.violation = x.report(to)
	}
}

// report is the rule that was broken, and the schedule that led there: each step,
// and the record after it.
func (x *explorer) report(at int32) error {
	var lines []string
	for ; at > 0; at = x.nodes[at].from {
		n := x.nodes[at]
		lines = append(lines, fmt.Sprintf("%v\n        %v", x.labels.of(n.by), x.images[n.world.record]))
	}
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "\n  %2d. %s", i+1, lines[len(lines)-1-i])
	}
	return fmt.Errorf("%w, after:%s", x.broken, b.String())
}

// schedules counts the ways from the first world to one where nothing can
// happen any more. A way that comes back to a world is not counted: it ends the
// same.
func schedules(worlds int, edges []edge) (total float64) {
	start, waiting := make([]int32, worlds+1), make([]int32, worlds)
	for _, e := range edges { // Those of one world are neighbours, and in order.
		start[e.from+1]++
		waiting[e.to]++
	}
	for i := range worlds {
		start[i+1] += start[i]
	}
	ways, ready := make([]float64, worlds), []int32{0}
	ways[0] = 1
	for len(ready) > 0 {
		at := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		next := edges[start[at]:start[at+1]]
		if len(next) == 0 {
			total += ways[at]
		}
		for _, e := range next {
			ways[e.to] += ways[at]
			waiting[e.to]--
			if waiting[e.to] == 0 {
				ready = append(ready, e.to)
			}
		}
	}
	return total
}
