package ynl

import (
	"testing"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/internal/need"
)

// upstreamSpecs are where the kernel's specifications are in its source.
const upstreamSpecs = "Documentation/netlink/specs"

// TestUpstream reads the kernel's own specs. They are not part of nlsniff.
func TestUpstream(t *testing.T) {
	dir := need.KernelSource(t, upstreamSpecs)
	fams, warns, err := ReadDir(dir)
	if err != nil {
		t.Errorf("%s:\n%v", dir, err)
	}
	for _, w := range warns {
		t.Log(w)
	}
	db := families.Embedded()
	for _, f := range fams {
		db.Add(f, false)
		if len(f.Messages) == 0 {
			t.Errorf("%s has no messages", f.Name)
		}
		for _, m := range f.Messages {
			if got := f.Table().Lookup(m.ID, m.Rep && !m.Req); got == nil || got.ID != m.ID {
				t.Errorf("%s: %s is not found", f.Name, m.Name)
			}
		}
		for _, s := range f.Sets {
			for _, a := range s.Fields {
				if s.Field(a.ID) == nil || s.ByName(a.Short) == nil {
					t.Errorf("%s: %s is not found", f.Name, a.Name)
				}
			}
		}
	}
	t.Logf("%s: %d families", dir, len(fams))
}

// TestUpstreamNames checks a few numbers and names, which the kernel's headers
// have, of each kind of spec.
func TestUpstreamNames(t *testing.T) {
	fams, _, _ := ReadDir(need.KernelSource(t, upstreamSpecs))
	byName := map[string]*families.Family{}
	for _, f := range fams {
		byName[f.Name] = f
	}
	for _, x := range []struct {
		family string
		id     uint16
		reply  bool
		want   string
	}{
		{"netdev", 1, false, "NETDEV_CMD_DEV_GET"},
		{"ethtool", 1, false, "ETHTOOL_MSG_STRSET_GET"},
		{"ethtool", 1, true, "ETHTOOL_MSG_STRSET_GET_REPLY"},
		{"ethtool", 3, true, "ETHTOOL_MSG_LINKINFO_NTF"},
		{"nlctrl", 3, false, "CTRL_CMD_GETFAMILY"},
		{"nlctrl", 1, true, "CTRL_CMD_NEWFAMILY"},
		{"devlink", 5, false, "DEVLINK_CMD_PORT_GET"},
		{"devlink", 7, true, "DEVLINK_CMD_PORT_NEW"},
		{"devlink", 3, true, "DEVLINK_CMD_NEW"},
		{"rt-link", 18, false, "RTM_GETLINK"},
		{"rt-link", 16, true, "RTM_NEWLINK"},
		{"nl80211", 1, false, "NL80211_CMD_GET_WIPHY"},
		{"nl80211", 3, true, "NL80211_CMD_NEW_WIPHY"},
		{"nl80211", 33, false, "NL80211_CMD_TRIGGER_SCAN"},
		{"ovs_datapath", 1, false, "OVS_DP_CMD_NEW"},
		{"mptcp_pm", 1, false, "MPTCP_PM_CMD_ADD_ADDR"},
	} {
		f := byName[x.family]
		if f == nil {
			continue // an older kernel's
		}
		if m := f.Table().Lookup(x.id, x.reply); m == nil || m.Name != x.want {
			t.Errorf("%s %d: %+v, want %s", x.family, x.id, m, x.want)
		}
	}
}
