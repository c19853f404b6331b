package ebpf

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestFacts goes through what is chosen of five hooks of three facts.
func TestFacts(t *testing.T) {
	list := []hook{
		{"a", "here", 1, true, "one"},
		{"b", "old", 2, false, "two"},
		{"b2", "older", 2, false, "two"},
		{"c", "here", 3, false, "two"},
		{"d", "gone", 4, false, "three"},
	}
	for _, c := range []struct{ has, tried, chosen, want string }{
		{"here old older gone", "", "a b c d", "one+here two+old/here three+gone"},
		{"here older gone", "", "a b2 c d", "one+here two+older/here three+gone"},
		{"here old older", "b", "a b2 c", "one+here two+older/here three-gone"},
		{"here old older", "b b2", "a c", "one+here two-old three-gone"},
		{"here old", "c", "a b", "one+here two-here three-gone"},
		{"old", "", "b", "one-here two-here three-gone"},
		{"", "", "", "one-here two-old/here three-gone"},
	} {
		tried := map[hook]bool{}
		for _, h := range list {
			tried[h] = slices.Contains(strings.Fields(c.tried), h.program)
		}
		chosen, absent := (&chooser{list, tried, func(f string) bool { return slices.Contains(strings.Fields(c.has), f) }}).choose()
		var programs, got []string
		for _, h := range chosen {
			programs = append(programs, h.program)
		}
		for _, f := range facts(list, chosen, absent) {
			sign := "-"
			if f.Known {
				sign = "+"
			}
			got = append(got, f.Name+sign+strings.Join(f.Functions, "/"))
		}
		if p := strings.Join(programs, " "); p != c.chosen {
			t.Errorf("%q without %q: chosen %q, want %q", c.has, c.tried, p, c.chosen)
		}
		if f := strings.Join(got, " "); f != c.want {
			t.Errorf("%q without %q: %q, want %q", c.has, c.tried, f, c.want)
		}
	}
}

// TestHooks says of the table what its users take for granted.
func TestHooks(t *testing.T) {
	first := map[int]hook{}
	for _, h := range hooks {
		f, ok := first[h.number]
		if !ok {
			first[h.number] = h
		} else if f.fact != h.fact || f.needed != h.needed {
			t.Errorf("%s and %s have the same number, and do not tell the same", f.program, h.program)
		}
		if h.number >= 16 { // fired
			t.Errorf("%s has number %d", h.program, h.number)
		}
	}
}

// guestNextHook has functions that can be attached to and are never called, and
// that no kernel has, come before those that tell.
func guestNextHook(t *testing.T) {
	at := func(program, function string) []hook {
		list := slices.Clone(hooks)
		i := slices.IndexFunc(list, func(h hook) bool { return h.program == program })
		list[i].function = function
		return list
	}
	only := func(program, function string) []hook {
		list := at(program, function)
		n := list[slices.IndexFunc(list, func(h hook) bool { return h.program == program })].number
		return slices.DeleteFunc(list, func(h hook) bool { return h.number == n && h.program != program })
	}
	for _, c := range []struct {
		name    string
		list    []hook
		unknown string // the one that is not told, or a part of the error
		fails   bool
	}{
		// netlink_unicast has it inlined.
		{"never called", at("overrun", "netlink_sendskb"), "messages that a socket had no room for", false},
		{"never called and needed", only("deliver", "netlink_sendskb"), "does not call netlink_sendskb, which tells what processes receive", true},
		{"not there", at("dump_done", "netlink_no_such"), "reasons of dumps that a program did not ask for", false},
		{"not there and needed", at("unicast", "netlink_no_such"), "has no function netlink_no_such of its own", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := begin(c.list, 1<<20, Wanted{})
			if c.fails {
				if err == nil || !strings.Contains(err.Error(), c.unknown) {
					t.Errorf("%v, want %q", err, c.unknown)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			var got []string
			for _, f := range facts(c.list, p.chosen, p.absent) {
				if !f.Known {
					got = append(got, f.Name)
				}
			}
			if !slices.Equal(got, []string{c.unknown}) {
				t.Errorf("not known: %q", got)
			}
		})
	}
	t.Run("the next", func(t *testing.T) {
		list := slices.Clone(hooks)
		i := slices.IndexFunc(list, func(h hook) bool { return h.program == "deliver" })
		list[i].function = "netlink_sendskb"
		o := Options{hooks: list}
		t.Run("what nlmon sees", func(t *testing.T) { guestAgrees(t, o) })
		t.Run("receivers", func(t *testing.T) { guestReceivers(t, o) })
		s, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		told := Fact{"what processes receive", []string{"skb_queue_tail"}, true}
		if got := s.Facts(); !slices.ContainsFunc(got, func(f Fact) bool { return reflect.DeepEqual(f, told) }) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("all", func(t *testing.T) {
		s, err := Open(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		list := s.Facts()
		for _, f := range list {
			if !f.Known || len(f.Functions) == 0 {
				t.Errorf("%+v", f)
			}
		}
		if len(list) < 8 {
			t.Errorf("%+v", list)
		}
	})
}
