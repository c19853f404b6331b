//go:build linux

package ebpf

import (
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

func TestInCgroup(t *testing.T) {
	in := func(cgroup string) *capture.Frame { return &capture.Frame{Process: capture.Process{Cgroup: cgroup}} }
	heard := &capture.Frame{Process: capture.Process{Cgroup: "/other"}, Delivery: &capture.Delivery{Receivers: []capture.Receiver{{Process: capture.Process{Cgroup: "/a.slice/b"}}}}}
	for _, tt := range []struct {
		want  []string
		frame *capture.Frame
		is    bool
	}{
		{nil, in(""), true},
		{[]string{"/a.slice"}, in("/a.slice"), true},
		{[]string{"/x", "a.slice/"}, in("/a.slice/b"), true},
		{[]string{"/sys/fs/cgroup/a.slice"}, in("/a.slice/b"), true},
		{[]string{"/a.slice"}, heard, true},
		{[]string{"/sys/fs/cgroup"}, in("/a.slice"), true},
		{[]string{"/sys/fs/cgroups"}, in("/a.slice"), false},
		{[]string{"/a"}, in("/a.slice"), false},
		{[]string{"/a.slice/b"}, in("/a.slice"), false},
		{[]string{"/"}, in("/a.slice"), true},
		{[]string{"/"}, in("/"), true},
		{[]string{"/"}, in(""), false},
	} {
		w := Wanted{Cgroups: tt.want}
		w.below("/sys/fs/cgroup")
		if got := w.inCgroup(tt.frame); got != tt.is {
			t.Errorf("%q, %q: %v", tt.want, tt.frame.Process.Cgroup, got)
		}
	}
}
