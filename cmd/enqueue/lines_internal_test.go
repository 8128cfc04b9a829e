package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// TestLineReader reads lines of up to 40 bytes through a buffer of 16.
func TestLineReader(t *testing.T) {
	t.Parallel()
	most, more := strings.Repeat("x", 40), strings.Repeat("x", 41)
	for _, test := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"\n \r\n\t", nil},
		{"a\nb", []string{"1 a", "2 b"}},
		{"\xef\n\n b \r\nc\n", []string{"1 \xef", "3 b", "4 c"}},
		{most + "\n" + most + "\r\n" + most, []string{"1 " + most, "2 " + most, "3 " + most}},
		{"a\n" + more + "\nb\n" + more, []string{"1 a", "2 is too long", "3 b", "4 is too long"}},
		{strings.Repeat(more, 9) + "\n" + strings.Repeat("x", 32), []string{"1 is too long", "2 " + strings.Repeat("x", 32)}},
	} {
		r := lineReader{in: bufio.NewReaderSize(strings.NewReader(test.in), 16), most: 40}
		var got []string
		for r.scan() {
			text := string(r.text)
			if r.long {
				text = "is too long"
			}
			got = append(got, fmt.Sprint(r.number, " ", text))
		}
		if diff := cmp.Diff(test.want, got); diff != "" || r.err != nil {
			t.Errorf("%q (%v):\n%s", test.in, r.err, diff)
		}
	}
	broken := errors.New("cut by the test")
	r := lineReader{in: bufio.NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken))), most: 40}
	if !r.scan() || string(r.text) != "a" || r.scan() || !errors.Is(r.err, broken) || r.number != 2 {
		t.Errorf("line %d, %q, %v; want the first line, and an error in the second", r.number, r.text, r.err)
	}
}
