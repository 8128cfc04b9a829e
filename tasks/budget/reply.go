package budget

// number is the i-th element of a script's reply as one; 0 where there is none.
func number(reply []any, i int) int64 {
	n, _ := at(reply, i).(int64)
	return n
}

// text is the i-th element of a reply as a string; empty where there is none.
func text(reply []any, i int) string {
	s, _ := at(reply, i).(string)
	return s
}

func at(reply []any, i int) any {
	if i >= len(reply) {
		return nil
	}
	return reply[i]
}

// flag is how the scripts are told yes and no.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
