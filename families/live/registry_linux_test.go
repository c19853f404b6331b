package live

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

func open(t *testing.T) *Registry {
	t.Helper()
	r, err := Open()
	need.Need(t, err == nil, "generic netlink cannot be asked here")
	t.Cleanup(func() { r.Close() })
	return r
}

func TestRegistry(t *testing.T) {
	r := open(t)
	ids := r.IDs()
	if ids[16] != "nlctrl" {
		t.Fatalf("id 16 is %q of %v", ids[16], ids)
	}
	for id, want := range ids {
		if f := r.Describe(want); f == nil || f.Genl != want {
			t.Errorf("%d: %s cannot be described", id, want)
		}
	}
	if r.PortID() == 0 {
		t.Error("the socket has no portid")
	}
}

// An id that is not known is asked for, once if nobody has it.
func TestAsk(t *testing.T) {
	r := open(t)
	for id, want := range r.IDs() {
		r.mu.Lock()
		delete(r.known, id)
		r.mu.Unlock()
		got, talk := r.Ask(id)
		if got != want || len(talk) != 2 || !talk[0].ToKernel || talk[1].ToKernel {
			t.Errorf("%d: %q with %d messages, want %q", id, got, len(talk), want)
		}
		select {
		case <-r.Changed():
		default:
			t.Error("nobody was told")
		}
	}
	if name, talk := r.Ask(1022); name != "" || talk != nil || !r.absent[1022] {
		t.Errorf("id 1022 is %q, %v", name, talk)
	}
}

// What is guessed of families that are described agrees with their
// descriptions: types because the kernel tells them, names mostly.
func TestDescribeAgainstDescriptions(t *testing.T) {
	r := open(t)
	_, err := os.Stat(btfDir + "/vmlinux")
	need.Need(t, err == nil, "the kernel has no BTF")
	db := families.Embedded()
	right, wrong, unnamed := 0, 0, 0
	for _, name := range slices.Sorted(slices.Values(r.Names())) {
		guess := r.Describe(name)
		if guess == nil {
			t.Errorf("%s: no description; %s", name, r.Spec(name))
			continue
		}
		if !guess.Guess || guess.Genl != name {
			t.Errorf("%s: described as %q, guess %v", name, guess.Genl, guess.Guess)
		}
		known := db.Genl(name)
		if known == nil {
			t.Logf("%s is not described", name)
			continue
		}
		for _, m := range guess.Messages {
			want := known.Table().Lookup(m.ID, false)
			if want == nil {
				continue
			}
			compare(t, m.Name, want.Name, &right, &wrong, &unnamed)
			if m.Body == nil || want.Body == nil || len(want.Body.Bodies) == 0 {
				continue
			}
			if a, b := m.Body.Bodies[0].Set, want.Body.Bodies[0].Set; a != nil && b != nil {
				for _, f := range a.Fields {
					if g := b.Field(f.ID); g != nil {
						compare(t, f.Name, g.Name, &right, &wrong, &unnamed)
					}
				}
			}
		}
	}
	t.Logf("%d names are right, %d wrong, %d were not guessed", right, wrong, unnamed)
	if right < 10*wrong || right < unnamed {
		t.Errorf("%d names are right, %d wrong, %d were not guessed", right, wrong, unnamed)
	}
}

func compare(t *testing.T, got, want string, right, wrong, unnamed *int) {
	switch {
	case got == want:
		*right++
	case strings.HasPrefix(got, "attr-") || strings.Contains(got, "-cmd-"):
		*unnamed++
	default:
		*wrong++
		t.Logf("%s was guessed for %s", got, want)
	}
}
