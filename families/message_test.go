package families

import (
	"fmt"
	"strings"
	"testing"
)

func TestBody(t *testing.T) {
	f := mustParse(t, "struct h", "  fam u8 af", "  n s16", "  x u32", "attrs a", "  1 A u8", "enum e", "  7 SEVEN",
		"body b", "  request len<8 : header h", "  reply fam=SEVEN : header h attrs a", "  dump n=-1 : header h payload struct h[2]",
		"  do x!=0x10 : header h attrs a", "  : attrs a", "  payload u32[]", "  request :")
	var got []string
	for _, b := range f.Bodies["b"].Bodies {
		var w []string
		for _, c := range b.When {
			s := fmt.Sprintf("%d %v %d", c.Kind, c.Not, c.Value)
			if c.Member != nil {
				s += " " + c.Member.Name
			}
			w = append(w, s)
		}
		s := strings.Join(w, ", ") + ":"
		if b.Header != nil {
			s += " header " + b.Header.Name
		}
		if b.Set != nil {
			s += " attrs " + b.Set.Name
		}
		if b.Payload != nil {
			s += " payload " + b.Payload.String()
		}
		got = append(got, s)
	}
	want := []string{
		fmt.Sprintf("%d false 0, %d false 8: header h", CondRequest, CondLenLess),
		fmt.Sprintf("%d false 0, %d false 7 fam: header h attrs a", CondReply, CondMember),
		fmt.Sprintf("%d false 0, %d false 65535 n: header h payload array 2 struct h", CondDump, CondMember),
		fmt.Sprintf("%d true 0, %d true 16 x: header h attrs a", CondDump, CondMember),
		": attrs a",
		": payload array u32",
		fmt.Sprintf("%d false 0:", CondRequest),
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestLine binds the paths of a line in each of the variants that have them.
func TestLine(t *testing.T) {
	f := mustParse(t, "struct h", "  a u8", "  in struct inner", "struct inner", "  deep u8", "tlv ie", "  1 IE u8",
		"attrs t", "  1 T_NEST nest u", "  2 T_LIST indexed nest u", "  3 T_STRUCT struct h", "  4 T_IE tlv ie", "  5 T_GRID array 2 array 2 struct inner",
		"  6 T_HEADED nest u header inner",
		"attrs u", "  1 U u8", "  2 U_MORE nest t",
		"body b", "  request : header h attrs t", "  attrs t", "  header h",
		"  line a|T_NEST/U label=T_NEST/U_MORE/T_NEST/U x=in/deep", "  line T_LIST/U|T_STRUCT/in/deep ie=T_IE/IE t-nest/u T_GRID/deep h=T_HEADED/deep|T_HEADED/U")
	var got []string
	for _, b := range f.Bodies["b"].Bodies {
		var items []string
		for _, x := range b.Line.Items {
			var alts []string
			for _, p := range x.Alts {
				var names []string
				for _, f := range p.Path {
					names = append(names, f.Name)
				}
				alts = append(alts, strings.Join(names, "/"))
			}
			items = append(items, x.Label+"="+strings.Join(alts, "|"))
		}
		got = append(got, strings.Join(items, " "))
	}
	attrs := "label=T_NEST/U_MORE/T_NEST/U %s=T_LIST/U|T_STRUCT/in/deep ie=T_IE/IE =T_NEST/U =T_GRID/deep h=T_HEADED/deep|T_HEADED/U"
	want := []string{
		"=a|T_NEST/U " + fmt.Sprintf(attrs, "x=in/deep "),
		"=T_NEST/U " + fmt.Sprintf(attrs, ""),
		"=a x=in/deep",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("variant %d:\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
}

func TestMessages(t *testing.T) {
	f, err := ParseSpec("a.spec", strings.Join([]string{"family a", "protocol NETLINK_NETFILTER", "subsys 0x0a", "enum e", "  2 TWO",
		"requests A_", "  1 A_GET -", "replies A_", "  1 A_NEW -", "messages", "  TWO A_BOTH - class=del"}, "\n"), none)
	if err != nil {
		t.Fatal(err)
	}
	if f.Subsys != 10 {
		t.Errorf("subsystem %d", f.Subsys)
	}
	for i, want := range []Message{
		{ID: 0xa01, Name: "A_GET", Short: "get", Req: true, Class: ClassGet},
		{ID: 0xa01, Name: "A_NEW", Short: "new", Rep: true, Class: ClassNew},
		{ID: 0xa02, Name: "A_BOTH", Short: "a-both", Req: true, Rep: true, Class: ClassDel},
	} {
		want.Family = f
		if got := *f.Messages[i]; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestClassOf(t *testing.T) {
	for _, c := range []struct {
		protocol uint8
		id       uint16
		name     string
		want     Class
	}{
		// rtnetlink: the two low bits say it, whatever the name.
		{ProtoRoute, 16, "RTM_NEWLINK", ClassNew}, {ProtoRoute, 17, "RTM_DELLINK", ClassDel},
		{ProtoRoute, 18, "RTM_GETLINK", ClassGet}, {ProtoRoute, 19, "RTM_SETLINK", ClassOther},
		{ProtoRoute, 20, "RTM_GETX", ClassNew}, {ProtoRoute, 3, "GET", ClassGet},
		// Elsewhere the name.
		{ProtoGeneric, 18, "A_CMD_NEW_THING", ClassNew}, {ProtoGeneric, 1, "CTRL_CMD_GETFAMILY", ClassGet},
		{ProtoGeneric, 1, "A_CMD_ADD", ClassNew}, {ProtoGeneric, 1, "A_CREATE", ClassNew}, {ProtoGeneric, 1, "A_CMD_SET", ClassNew},
		{ProtoGeneric, 1, "A_DUMP", ClassGet}, {ProtoGeneric, 1, "A_LIST_ALL", ClassGet},
		{ProtoGeneric, 1, "A_DELFLOW", ClassDel}, {ProtoGeneric, 1, "A_REMOVE", ClassDel}, {ProtoGeneric, 1, "A_DESTROY", ClassDel},
		{ProtoGeneric, 1, "A_NOTIFY", ClassOther}, {ProtoGeneric, 1, "A_ADDRESS", ClassOther}, {ProtoGeneric, 1, "", ClassOther},
		{ProtoNetfilter, 18, "NFT_MSG_GETRULE", ClassGet}, {ProtoNetfilter, 1, "NFT_MSG_DELRULE", ClassDel},
	} {
		if got := ClassOf(c.protocol, &Message{ID: c.id, Name: c.name}); got != c.want {
			t.Errorf("%d %d %s: class %d, want %d", c.protocol, c.id, c.name, got, c.want)
		}
	}
}
