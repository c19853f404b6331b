package nft

// Message is a message of nf_tables.
type Message struct {
	Family uint8  // nfgen_family
	Attrs  []byte // behind the nfgenmsg
	Big    bool   // the byte order of nla_len and nla_type, and the host's
}

// Context is what a rule is read with.
type Context struct {
	// IfName names an interface, "" if nobody knows.
	IfName func(index uint32) string
	// Elements calls fn for the NFT_MSG_NEWSETELEM in the same frame: an anonymous
	// set is made in the transaction of the rule that uses it.
	Elements func(fn func(Message))
}

// Rule returns the rule that an NFT_MSG_NEWRULE holds as nft writes it. The text can
// hold whatever the message holds: escape it.
func Rule(m Message, c Context) string {
	attrs := nlas{m.Attrs, m.Big}
	r := newNftRule(uint64(m.Family), m.Big)
	r.ifname = c.IfName
	r.sets = func(name string, id uint64) []nlas { return elements(c, name, id) }
	out := nftFamilies[uint64(m.Family)]
	if out == "" {
		out = nftDecimal(uint64(m.Family))
	}
	for _, typ := range [...]uint16{nftaRuleTable, nftaRuleChain} {
		if s := attrs.str(typ); s != "" {
			out += " " + s
		}
	}
	if s := r.rule(attrs.nest(nftaRuleExpressions)); s != "" {
		out += " " + s
	}
	if s := nftComment(attrs.get(nftaRuleUserdata)); s != "" {
		out += ` comment "` + s + `"`
	}
	if attrs.has(nftaRulePosition) {
		out += " # position " + nftDecimal(attrs.num(nftaRulePosition))
	}
	if attrs.has(nftaRuleHandle) {
		out += " # handle " + nftDecimal(attrs.num(nftaRuleHandle))
	}
	return out
}

// elements finds the elements of a set.
func elements(c Context, name string, id uint64) (out []nlas) {
	c.Elements(func(m Message) {
		attrs := nlas{m.Attrs, m.Big}
		if attrs.str(nftaSetElemListSet) != name || attrs.num(nftaSetElemListSetId) != id {
			return
		}
		list := attrs.nest(nftaSetElemListElements)
		for len(out) < nftMaxElems {
			_, p, rest, ok := list.next()
			if !ok {
				break
			}
			out = append(out, nlas{p, m.Big})
			list = rest
		}
	})
	return out
}
