package pcapng

import (
	"bytes"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// The name of a namespace comes back from the description of its interface; what
// others write there is none.
func TestNamespace(t *testing.T) {
	tests := []struct{ description, want string }{
		{DescribeNamespace("blue", 4026531840), "blue"},
		{DescribeNamespace("/run/netns/a (b)", 1), "/run/netns/a (b)"},
		{DescribeNamespace("pid:7", 1), "pid:7"},
		{DescribeNamespace("", 4026531840), ""},
		{"network namespace blue", ""},
		{"network namespace blue (x)", ""},
		{"", ""}, {"eth0 (5)", ""},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		w := NewWriter(&b, Section{Interfaces: []Interface{{LinkType: capture.LinkTypeNetlink, Description: tt.description}}})
		data := make([]byte, capture.CookedLen)
		data[2], data[3] = capture.ARPHRDNetlink>>8, capture.ARPHRDNetlink&0xff
		if err := w.Write(&capture.Frame{Data: data, OrigLen: len(data)}); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(&b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var f capture.Frame
		if err := r.Next(&f); err != nil || f.Namespace != tt.want {
			t.Errorf("%q: namespace %q, %v; want %q", tt.description, f.Namespace, err, tt.want)
		}
	}
}
