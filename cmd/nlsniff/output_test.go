package main

import (
	"bufio"
	"bytes"
	"testing"
)

// An array is whole wherever what is printed was cut.
func TestArray(t *testing.T) {
	for _, c := range []struct {
		parts []string
		want  string
	}{
		{nil, "[]\n"},
		{[]string{"{1},\n"}, "[\n{1}\n]\n"},
		{[]string{"{1},\n{2},\n", "{3},\n"}, "[\n{1},\n{2},\n{3}\n]\n"},
		{[]string{"{1},\n{2", "2", "2},\n", "{3},\n"}, "[\n{1},\n{222},\n{3}\n]\n"},
	} {
		var b bytes.Buffer
		o := output{w: bufio.NewWriter(&b), array: true}
		for _, p := range c.parts {
			if n, err := o.Write([]byte(p)); n != len(p) || err != nil {
				t.Errorf("%q: %d, %v", p, n, err)
			}
		}
		if err := o.closeArray(); err != nil {
			t.Error(err)
		}
		if err := o.Flush(); err != nil {
			t.Error(err)
		}
		if b.String() != c.want {
			t.Errorf("%q: %q, want %q", c.parts, b.String(), c.want)
		}
	}
}
