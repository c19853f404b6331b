package families

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestEmbedded reads every description that comes with nlsniff.
func TestEmbedded(t *testing.T) {
	db := Embedded()
	for _, in := range db.List() {
		f, err := db.Load(in.Name)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		if f.Name+".spec" != in.Origin {
			t.Errorf("%s describes %s; the file should bear the family's name", in.Origin, f.Name)
		}
		if f.Protocol != in.Protocol || f.Genl != in.Genl || in.Library && len(f.Messages) > 0 {
			t.Errorf("%s: its head says %+v", f.Name, in)
		}
		checkFamily(t, f)
	}
}

// some are descriptions of two protocols and a generic family.
var some = map[string]string{
	"a":   "protocol NETLINK_ROUTE\nuse lib\nmessages\n 16 A16 -\n 17 A17 b\n 18 A18 -",
	"b":   "protocol NETLINK_ROUTE\nmessages\n 18 B18 -\n 20 B20 -",
	"nf":  "protocol NETLINK_NETFILTER\nmessages\n 16 NF -",
	"g":   "genl gen\nmessages\n 1 G1 -",
	"lib": "body b",
}

// name is a message's name, or nothing.
func name(m *Message) string {
	if m == nil {
		return ""
	}
	return m.Name
}

// TestProtocol: the descriptions of a protocol have one table; of two messages
// with a number the one in the first file, by name, counts.
func TestProtocol(t *testing.T) {
	db := open(t, some)
	for _, c := range []struct {
		proto uint8
		id    uint16
		want  string
	}{
		{ProtoRoute, 16, "A16"}, {ProtoRoute, 17, "A17"}, {ProtoRoute, 18, "A18"}, {ProtoRoute, 20, "B20"}, {ProtoRoute, 1, ""},
		{ProtoNetfilter, 16, "NF"}, {ProtoGeneric, 1, ""}, {99, 16, ""},
	} {
		if got := name(db.Protocol(c.proto).Lookup(c.id, false)); got != c.want {
			t.Errorf("protocol %d, message %d: %s, want %s", c.proto, c.id, got, c.want)
		}
	}
	if first := db.Protocol(ProtoRoute); first != db.Protocol(ProtoRoute) {
		t.Error("a protocol's table is made twice")
	}
}

// TestIsDatagram: the code and the descriptions name the same protocols.
func TestIsDatagram(t *testing.T) {
	db := Embedded()
	for p := range 256 {
		if got, want := IsDatagram(uint8(p)), db.Protocol(uint8(p)).Datagram() != nil; got != want {
			t.Errorf("protocol %d: %v, described as %v", p, got, want)
		}
	}
}

func TestGenl(t *testing.T) {
	db := open(t, some)
	if f := db.Genl("gen"); f == nil || f.Name != "g" || name(f.Table().Lookup(1, true)) != "G1" {
		t.Errorf("%v", f)
	}
	if f := db.Genl("g"); f != nil {
		t.Errorf("%s is not what it is registered as", f.Name)
	}
}

func TestOnMissing(t *testing.T) {
	db := open(t, some)
	db.Genl("early") // nobody to ask yet
	asked := map[string]int{}
	learned := &Family{Name: "learned", Genl: "learned"}
	db.OnMissing(func(name string) *Family {
		asked[name]++
		if name == "learned" {
			return learned
		}
		return nil
	})
	for range 3 {
		if db.Genl("learned") != learned || db.Genl("unknown") != nil || db.Genl("gen") == nil || db.Genl("early") != nil {
			t.Error("not what was answered")
		}
	}
	if len(asked) != 2 || asked["learned"] != 1 || asked["unknown"] != 1 {
		t.Errorf("asked %v, want each once, and nothing that is described", asked)
	}
}

// user is a description from elsewhere.
func user(t *testing.T, text string) *Family {
	t.Helper()
	f, err := ParseSpec("user.spec", "family "+text, none)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAdd: a description from elsewhere replaces what is there, or fills what
// is not.
func TestAdd(t *testing.T) {
	for _, c := range []struct {
		fill                 bool
		m16, m17, m99, g1    string
		nameOfA, listed, lib string
	}{
		{false, "U16", "A17", "U99", "UG1", "user.spec", "x", "user.spec true"},
		{true, "A16", "A17", "U99", "G1", "a.spec", "x", "lib.spec true"},
	} {
		db := open(t, some)
		db.Add(user(t, "a\nprotocol NETLINK_ROUTE\nmessages\n 16 U16 -\n 99 U99 -"), c.fill)
		db.Add(user(t, "gg\ngenl gen\nmessages\n 1 UG1 -"), c.fill)
		db.Add(user(t, "x\ngenl new\nmessages\n 1 X1 -"), c.fill)
		db.Add(user(t, "lib\nenum e\n 1 E"), c.fill)
		route := db.Protocol(ProtoRoute)
		for id, want := range map[uint16]string{16: c.m16, 17: c.m17, 99: c.m99} {
			if got := name(route.Lookup(id, false)); got != want {
				t.Errorf("fill %v: message %d is %s, want %s", c.fill, id, got, want)
			}
		}
		if got := name(db.Genl("gen").Table().Lookup(1, false)); got != c.g1 {
			t.Errorf("fill %v: command 1 is %s, want %s", c.fill, got, c.g1)
		}
		if f := db.Genl("new"); f == nil || f.Name != "x" {
			t.Errorf("fill %v: the new family is %v", c.fill, f)
		}
		infos := map[string]Info{}
		for _, in := range db.List() {
			infos[in.Name] = in
		}
		if got := infos["a"].Origin; got != c.nameOfA {
			t.Errorf("fill %v: a comes from %s, want %s", c.fill, got, c.nameOfA)
		}
		if got := fmt.Sprint(infos["lib"].Origin, " ", infos["lib"].Library); got != c.lib {
			t.Errorf("fill %v: lib is %s, want %s", c.fill, got, c.lib)
		}
		if f, err := db.Load("x"); err != nil || infos["x"].Genl != "new" || f.Genl != "new" {
			t.Errorf("fill %v: %v, %v", c.fill, infos["x"], err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	db := open(t, map[string]string{"a": "use b", "b": "use c", "c": "use a", "bad": "what now", "self": "use self"})
	for name, want := range map[string]string{
		"a":    "a.spec:2: use b: b.spec:2: use c: c.spec:2: use a: a uses itself",
		"self": "self.spec:2: use self: self uses itself",
		"bad":  "bad.spec:2: unknown block what",
		"gone": "no description named gone",
	} {
		for range 2 { // it is no better the second time
			if _, err := db.Load(name); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}

func TestOpenErrors(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"protocol NETLINK_ROUTE", "", "a.spec: no family line at the start"},
		{"family x", "family x", "b.spec: family x is there twice"},
		{"family \"x", "", "a.spec:1: a quote that does not end"},
	} {
		fs := fstest.MapFS{"a.spec": {Data: []byte(c.a)}}
		if c.b != "" {
			fs["b.spec"] = &fstest.MapFile{Data: []byte(c.b)}
		}
		if _, err := Open(fs); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.a, err, c.want)
		}
	}
}

// TestConcurrent asks from many goroutines; the race detector looks on.
func TestConcurrent(t *testing.T) {
	db := Embedded()
	var wg sync.WaitGroup
	errs := make(chan error, 64)
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 20 {
				switch (i + k) % 5 {
				case 0:
					if db.Protocol(ProtoRoute).Lookup(16, false) == nil {
						errs <- errors.New("no RTM_NEWLINK")
					}
				case 1:
					if db.Genl("nlctrl") == nil {
						errs <- errors.New("no nlctrl")
					}
				case 2:
					if _, err := db.Load("rt-link"); err != nil {
						errs <- err
					}
				case 3:
					db.OnMissing(func(string) *Family { return nil })
					db.Genl(strings.Repeat("x", k+1))
				case 4:
					db.List()
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

// TestGenlNameWithBlank: one of the kernel's families is called that way.
func TestGenlNameWithBlank(t *testing.T) {
	f, err := ParseSpec("mac.spec", "family mac\ngenl \"802.15.4 MAC\" version 1\n", nil)
	if err != nil || f.Genl != "802.15.4 MAC" {
		t.Errorf("got %v, %v", f, err)
	}
	if _, err := ParseSpec("mac.spec", "family mac\ngenl \"802  MAC\"\n", nil); err == nil {
		t.Error("an empty word in a name is accepted")
	}
}
