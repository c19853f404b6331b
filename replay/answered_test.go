package replay

import (
	"testing"

	"github.com/nlsniff/nlsniff/internal/pcaptest"
)

// TestErrorNames: an error has its name, whether an NLMSG_ERROR tells it or an
// answer of the protocol's own, as iSCSI's do.
func TestErrorNames(t *testing.T) {
	for _, x := range []struct {
		file  string
		frame int
		want  string
	}{
		{"iscsi.pcap", 145, "EINVAL"}, {"iscsi.pcap", 147, "ENOSYS"}, {"route_addrs.pcap", 0, "EEXIST"},
	} {
		c := load(t, pcaptest.Path(x.file))
		found := false
		for _, e := range c.Exchanges {
			if e == nil || x.frame != 0 && e.Request.Frame != x.frame {
				continue
			}
			a, _ := c.Answered(e.ID)
			if (a.Error == "") != (a.Errno == 0) {
				t.Errorf("%s frame %d: errno %d is called %q", x.file, e.Request.Frame, a.Errno, a.Error)
			}
			found = found || a.Error == x.want
		}
		if !found {
			t.Errorf("%s: nothing came to %s", x.file, x.want)
		}
	}
}
