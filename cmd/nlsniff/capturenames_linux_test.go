package main

import (
	"testing"

	"github.com/nlsniff/nlsniff/bpf/capfilter"
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/live"
	"github.com/nlsniff/nlsniff/internal/need"
	"github.com/nlsniff/nlsniff/internal/policy"
)

// genericFrame makes a frame of one generic message.
func genericFrame(id, flags uint16, portid uint32) *capture.Frame {
	f := &capture.Frame{Data: []byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, families.ProtoGeneric}}
	f.Data = hostOrder.AppendUint32(f.Data, 20)
	f.Data = hostOrder.AppendUint16(f.Data, id)
	f.Data = hostOrder.AppendUint16(f.Data, flags)
	f.Data = hostOrder.AppendUint32(f.Data, 1)
	f.Data = hostOrder.AppendUint32(f.Data, portid)
	f.Data = append(f.Data, 1, 1, 0, 0)
	f.OrigLen = len(f.Data)
	return f
}

func newNames(t *testing.T, filter string) *captureNames {
	t.Helper()
	n := &captureNames{
		ask: live.Open, warn: func(err error) { t.Log(err) },
		described: func() map[string]bool { return genericFamilies(families.Embedded()) },
		session:   dissect.NewSession(dissect.OrderAuto), known: map[string]bool{}, done: make(chan struct{}),
	}
	n.need()
	need.Need(t, n.registry != nil, "generic netlink cannot be asked here")
	t.Cleanup(n.close)
	if filter != "" {
		var err error
		if n.filter, err = capfilter.Parse(filter, filterNames{families.Embedded()}); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// A family that the capture has not named is asked for, once, and what the
// kernel says becomes frames that name it for whoever reads the file.
func TestUnknownFamilyIsAskedFor(t *testing.T) {
	n := newNames(t, "")
	for id, name := range n.registry.IDs() {
		if id == genlCtrl {
			continue
		}
		if !n.keep(genericFrame(id, 1, 0)) {
			t.Errorf("%s: not kept", name)
		}
		told := n.told()
		if len(told) != 2 || told[0].Dir != capture.DirToKernel || told[1].Dir != capture.DirFromKernel {
			t.Fatalf("%s: %d frames", name, len(told))
		}
		// Somebody else, who has only those frames, knows the name.
		s := dissect.NewSession(dissect.OrderAuto)
		var in dissect.Input
		for i, f := range told {
			in = dissect.Input{Number: i + 1, Data: f.Data, OrigLen: f.OrigLen}
			s.Prepare(&in, f.Stream())
		}
		if got := in.IDs.Name(id, 3); got != name {
			t.Errorf("id %d is %q, want %q", id, got, name)
		}
		n.keep(genericFrame(id, 1, 0))
		if told := n.told(); len(told) != 0 {
			t.Errorf("%s: asked again", name)
		}
	}
	n.keep(genericFrame(1022, 1, 0))
	if told := n.told(); len(told) != 0 {
		t.Errorf("%d frames of a family that is not there", len(told))
	}
}

func TestKeep(t *testing.T) {
	n := newNames(t, "family nlctrl and request or proto route")
	route := &capture.Frame{Data: append(append([]byte{}, genericFrame(16, 1, 0).Data...), 0)}
	route.Data[capture.CookedLen-1] = families.ProtoRoute
	diag := &capture.Frame{Data: append([]byte{}, route.Data...)}
	diag.Data[capture.CookedLen-1] = families.ProtoSockDiag
	tests := []struct {
		name string
		f    *capture.Frame
		want bool
	}{
		{"a request to the controller", genericFrame(16, 1, 0), true},
		{"an answer of it", genericFrame(16, 0, 0), false},
		{"our own request", genericFrame(16, 1, n.registry.PortID()), false},
		{"rtnetlink", route, true},
		{"sock_diag", diag, false},
	}
	for _, tt := range tests {
		if got := n.keep(tt.f); got != tt.want {
			t.Errorf("%s: kept is %v", tt.name, got)
		}
	}
	if told := n.told(); len(told) != 1 || told[0].Data[capture.CookedLen+nlmsgHdrLen] != 1 {
		t.Errorf("%d frames are there for their names, want the controller's notification", len(told))
	}
}

// The policies of a family that nobody described are asked for, so that
// whoever reads the file can read the family.
func TestPoliciesAreAskedFor(t *testing.T) {
	n := newNames(t, "")
	for id, name := range n.registry.IDs() {
		if name != "ethtool" {
			continue
		}
		n.described = func() map[string]bool { return nil }
		n.keep(genericFrame(id, 1, 0))
		var book policy.Book
		s := dissect.NewSession(dissect.OrderAuto)
		s.Policies = &book
		told := n.told()
		for i, f := range told {
			in := dissect.Input{Number: i + 1, Data: f.Data, OrigLen: f.OrigLen}
			s.Prepare(&in, f.Stream())
		}
		fam := book.Describe(name)
		if fam == nil || len(fam.Messages) < 20 || len(fam.Sets) < 20 {
			t.Fatalf("%d frames describe %+v", len(told), fam)
		}
		known := families.Embedded().Genl(name)
		for _, m := range fam.Messages {
			want := known.Table().Lookup(m.ID, false)
			if want == nil || m.Body == nil || want.Body == nil {
				continue
			}
			for _, f := range m.Body.Bodies[0].Set.Fields {
				// Binary is what the kernel says of arrays and structs.
				if g := want.Body.Bodies[0].Set.Field(f.ID); g != nil && g.Type.Kind != f.Type.Kind && f.Type.Kind != families.KindSub && f.Type.Kind != families.KindBinary {
					t.Errorf("%s in %s is %s, described as %s", g.Name, want.Name, f.Type.String(), g.Type.String())
				}
			}
		}
		return
	}
	t.Skip("this kernel has no ethtool")
}

// TestOwnTalk: the same portid in another network namespace is another socket.
func TestOwnTalk(t *testing.T) {
	const home, other = 7, 8
	b := make([]byte, capture.CookedLen+nlmsgHdrLen)
	b[capture.CookedLen-1] = families.ProtoGeneric
	hostOrder.PutUint32(b[capture.CookedLen+12:], 4711)
	for _, tt := range []struct {
		netns  uint64
		portid ownPortID
		own    bool
	}{{0, 4711, true}, {home, 4711, true}, {other, 4711, false}, {home, 5, false}} {
		f := capture.Frame{Data: b, Process: capture.Process{NetNS: tt.netns}}
		if got := ownTalk(&f, tt.portid, home); got != tt.own {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

type ownPortID uint32

func (p ownPortID) PortID() uint32 { return uint32(p) }
