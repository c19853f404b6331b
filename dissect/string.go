package dissect

import "strconv"

var kindNames = [...]string{
	KindLink: "link", KindMessage: "message", KindStruct: "struct", KindAttr: "attribute", KindElem: "element",
	KindMember: "member", KindLen: "nla_len", KindType: "nla_type", KindValue: "value", KindPadding: "padding",
	KindUnknown: "unknown", KindTrailing: "trailing",
}

// String returns what the kind is called.
func (k Kind) String() string { return nameOf(kindNames[:], int(k), "kind ") }

var dirNames = [...]string{
	DirUnknown: "unknown", DirToKernel: "to_kernel", DirFromKernel: "from_kernel", DirUserToUser: "user_to_user",
}

// String returns what the direction is called.
func (d Dir) String() string { return nameOf(dirNames[:], int(d), "direction ") }

func nameOf(names []string, i int, what string) string {
	if i < len(names) {
		return names[i]
	}
	return what + strconv.Itoa(i)
}

// String returns the code's stable name, as Finding.Name does.
func (c Code) String() string {
	if int(c) < len(codes) {
		return codes[c].name
	}
	return "code " + strconv.Itoa(int(c))
}
