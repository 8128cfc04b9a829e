package ledgermodel_test

// interned gives each value a number, so that a world is a few numbers.
type interned[T comparable] struct {
	ids    map[T]uint16
	values []T
}

// newInterned returns one in which the zero value has the number 0.
func newInterned[T comparable]() *interned[T] {
	var zero T
	n := &interned[T]{ids: map[T]uint16{}}
	n.id(zero)
	return n
}

func (n *interned[T]) id(value T) uint16 {
	id, ok := n.ids[value]
	if !ok {
		id = uint16(len(n.values))
		n.values = append(n.values, value)
		n.ids[value] = id
	}
	return id
}

func (n *interned[T]) of(id uint16) T { return n.values[id] }
