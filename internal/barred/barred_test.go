package barred

import (
	"testing"
	"testing/fstest"
)

func TestBars(t *testing.T) {
	for _, c := range []struct {
		name, lockdown, uidMap string
		lockedDown, namespace  bool
	}{
		{"nothing is mounted", "", "", false, false},
		{"the machine's own", "[none] integrity confidentiality\n", "         0          0 4294967295\n", false, false},
		{"integrity", "none [integrity] confidentiality\n", "0 0 4294967295\n", false, false},
		{"confidentiality", "none integrity [confidentiality]\n", "0 0 4294967295\n", true, false},
		{"one user", "", "0 1000 1\n", false, true},
		{"two ranges", "", "0 0 1000\n1000 100000 65536\n", false, true},
	} {
		root := fstest.MapFS{}
		if c.lockdown != "" {
			root["sys/kernel/security/lockdown"] = &fstest.MapFile{Data: []byte(c.lockdown)}
		}
		if c.uidMap != "" {
			root["proc/self/uid_map"] = &fstest.MapFile{Data: []byte(c.uidMap)}
		}
		if b, is := LockedDown(root); is != c.lockedDown || b.Why == "" || b.Hint == "" {
			t.Errorf("%s: locked down: %v, %+v", c.name, is, b)
		}
		if b, is := UserNamespace(root); is != c.namespace || b.Hint == "" {
			t.Errorf("%s: user namespace: %v, %+v", c.name, is, b)
		}
	}
}
