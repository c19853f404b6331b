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

func TestTimelineBounded(t *testing.T) {
	var r Registry
	for i := range 2 * maxChanges {
		r.Learn(i, uint16(i), []string{"a", "b", "c"}[i/65536%3])
	}
	if r.changes > maxChanges {
		t.Errorf("%d changes remembered, want at most %d", r.changes, maxChanges)
	}
}
