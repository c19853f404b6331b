package families

import (
	"slices"
	"testing"
)

// TestHolders: a description whose messages have a field is among its holders.
func TestHolders(t *testing.T) {
	db := Embedded()
	list, err := db.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range list {
		if len(f.Messages) == 0 && f.Datagram == nil {
			continue
		}
		fields := f.Fields()
		for _, d := range fields {
			if d.Field.Type.Kind == KindMessage {
				t.Errorf("%s: %s can hold the fields of all messages", f.Name, d.Field.Name)
			}
		}
		for k := i % 7; k < len(fields); k += 97 {
			name := fields[k].Field.Name
			h := db.Holders([]string{"NO_SUCH_NAME", name})
			if f.Genl != "" && !h.Genl(f.Genl) || f.Genl == "" && !h.Protocol(f.Protocol) {
				t.Errorf("%s does not hold %s", f.Name, name)
			}
		}
	}
	h := db.Holders([]string{"IFLA_IFNAME"})
	if !h.Protocol(ProtoRoute) || h.Protocol(ProtoSockDiag) || h.Genl("ethtool") {
		t.Error("IFLA_IFNAME is of NETLINK_ROUTE")
	}
	if !h.Genl("nobody described it") {
		t.Error("nobody knows what an unknown family holds")
	}
	// rt-link's names are in a description that it uses.
	if i := slices.IndexFunc(list, func(f *Family) bool { return f.Name == "rt-link" }); i < 0 || len(list[i].Use) == 0 {
		t.Error("rt-link uses no other")
	}
	db.Add(&Family{Name: "own", Genl: "own", Origin: "own.spec"}, false)
	if h := db.Holders([]string{"IFLA_IFNAME"}); !h.Protocol(ProtoSockDiag) {
		t.Error("of descriptions from elsewhere nobody knows what they hold")
	}
}
