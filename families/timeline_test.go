package families

import "testing"

func TestTimeline(t *testing.T) {
	var r Registry
	r.Learn(5, 30, "ethtool")
	r.Learn(9, 30, "")
	r.Learn(12, 30, "macsec")
	if r.Learn(14, 30, "macsec") {
		t.Error("the same name twice is not news")
	}
	for _, c := range []struct {
		frame    int
		complete bool
		want     string
	}{
		{4, false, ""}, {5, false, "ethtool"}, {9, false, "ethtool"}, {11, false, "ethtool"},
		{12, false, "macsec"}, {99, false, "macsec"}, {1, true, "ethtool"},
	} {
		if c.complete {
			r.Complete()
		}
		if got := r.Name(30, c.frame); got != c.want {
			t.Errorf("frame %d: %q, want %q", c.frame, got, c.want)
		}
	}
	if r.Name(31, 99) != "" {
		t.Error("an id that nobody mentioned has a name")
	}
	// A second pass over the same frames changes nothing.
	if r.Learn(5, 30, "other") || r.Name(30, 5) != "ethtool" {
		t.Error("an earlier frame changed the past")
	}
}

// TestForget: what was forgotten has no name, never a wrong one.
func TestForget(t *testing.T) {
	var r Registry
	r.Learn(5, 30, "a")
	r.Learn(10, 30, "b")
	r.Learn(20, 30, "c")
	r.Learn(6, 31, "x")
	r.Complete()
	r.Forget(15, false)
	for frame, want := range map[int]string{1: "", 5: "", 10: "b", 19: "b", 20: "c"} {
		if got := r.Name(30, frame); got != want {
			t.Errorf("frame %d: %q, want %q", frame, got, want)
		}
	}
	if r.Name(31, 9) != "x" || r.Size() != 3 {
		t.Errorf("%q, %d names; what is in force was forgotten", r.Name(31, 9), r.Size())
	}
	r.Forget(15, true)
	if r.Name(31, 9) != "" || r.Name(30, 19) != "" || r.Name(30, 20) != "c" || r.Size() != 1 {
		t.Errorf("%d names are left, want one", r.Size())
	}
}

// TestDisputed: every name that an id was ever given is told, believed or not.
func TestDisputed(t *testing.T) {
	var r Registry
	r.LearnAs(5, 30, "a", Heard)
	r.LearnAs(8, 30, "b", Answered)
	r.Claim(9, 30, "c")
	r.Claim(9, 31, "nobody asked for it")
	for frame, want := range map[int]string{4: "", 5: "a", 8: "ab", 9: "abc"} {
		got := ""
		more := r.Disputed(30, frame, func(n string) { got += n })
		if got != want || more {
			t.Errorf("frame %d: %q, more %v; want %q", frame, got, more, want)
		}
	}
	for i := range maxClaims {
		r.Claim(10, 30, string(rune('d'+i)))
	}
	if !r.Disputed(30, 10, func(string) {}) || r.Size() != 2+maxClaims {
		t.Errorf("%d names; want a bound, and that it is said", r.Size())
	}
}
