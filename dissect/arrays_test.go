package dissect_test

import "testing"

func TestArrays(t *testing.T) {
	u32 := le.u32
	point := func(x uint16, y uint32) []byte { return cat(le.u16(x), []byte{0, 0}, u32(y)) }
	rec := func(length uint16, index uint32, attrs ...[]byte) []byte {
		return cat(le.u16(length), le.u16(0), u32(index), cat(attrs...))
	}
	runBodies(t, []payloadCase{
		{"indexed numbers", le.attr(8, le.attr(0, u32(7)), le.attr(5, u32(8))), "T_LIST([0](7) [5](8))", ""},
		{"indexed nests", le.attr(9, le.attr(1, le.attr(1, u32(7))), le.attr(2)), "T_NESTS([1](I_U32(7)) [2]())", ""},
		{"indexed, no bytes", le.attr(8), "T_LIST()", ""},
		{"index past the end", le.attr(8, le.rawAttr(40, 1, u32(7))), "T_LIST([1](7))", "attr.past_end"},
		{"index of no length", le.attr(8, le.rawAttr(0, 1, u32(7))), "T_LIST(?0000010007000000)", "attr.len"},
		{"behind the last index", le.attr(8, le.attr(1, u32(7)), []byte{1, 2}), "T_LIST([1](7) !0102 _2)", "attr.trailing"},
		{"index with flags", le.attr(9, le.attr(1|0x8000, le.attr(1, u32(7)))), "T_NESTS([1](I_U32(7)))", ""},
		{"levels of values", le.attr(23, le.attr(3, le.attr(9, le.attr(1, u32(7))))), "T_LEVELS([3]([9](I_U32(7))))", ""},

		{"numbers", le.attr(12, le.u16(1), le.u16(2)), "T_U16S(01000200)", ""},
		{"half a number", le.attr(12, le.u16(1), []byte{9}), "T_U16S(0100 ?09 _1)", "array.remainder"},
		{"less than a number", le.attr(12, []byte{9}), "T_U16S(?09 _3)", "array.remainder"},
		{"no numbers", le.attr(12), "T_U16S()", ""},
		{"more than stated", le.attr(43, make([]byte, 8)), "T_THREE(000000000000 ?0000)", "array.remainder"},
		{"fewer than stated", le.attr(43, make([]byte, 4)), "T_THREE(00000000)", ""},
		{"structs", le.attr(13, point(1, 2), point(3, 4)), "T_POINTS([0](x=1 _2 y=2) [1](x=3 _2 y=4))", ""},
		{"half a struct", le.attr(13, point(1, 2), u32(3)), "T_POINTS([0](x=1 _2 y=2) ?03000000)", "array.remainder"},
		{"arrays of structs", le.attr(45, point(1, 2), point(3, 4)), "T_GRID([0]([0](x=1 _2 y=2) [1](x=3 _2 y=4)))", ""},
		{"structs with an array each", le.attr(26, le.u16(2), le.u16(7), le.u16(8), le.u16(0), le.u16(1), le.u16(9)),
			"T_ITEMS([0](n=2 v=07000800) [1](n=0) [2](n=1 v=0900))", ""},
		{"an array longer than what is left", le.attr(26, le.u16(1), le.u16(7), le.u16(9), le.u16(1)),
			"T_ITEMS([0](n=1 v=0700) ?09000100)", "array.remainder"},
		{"a count that overflows", le.attr(26, le.u16(0xffff), le.u16(7)), "T_ITEMS(?ffff0700)", "array.remainder"},
		{"structs that nothing ends", le.attr(46, le.u16(1), le.u16(7), le.u16(8), le.u16(9)), "T_ENDLESS([0](n=1 v=070008000900))", ""},
		{"half a struct that nothing ends", le.attr(46, []byte{1}), "T_ENDLESS(?01 _3)", "array.remainder"},
		{"half a count", le.attr(26, []byte{1}), "T_ITEMS(?01 _3)", "array.remainder"},

		{"records", le.attr(20, rec(16, 5, le.attr(1, u32(7))), rec(8, 6)),
			"T_RECS([0](rec{len=16 flags=0 index=5} I_U32(7)) [1](rec{len=8 flags=0 index=6}))", ""},
		{"records without attributes", le.attr(42, rec(8, 5), rec(8, 6)),
			"T_PLAIN([0](rec{len=8 flags=0 index=5}) [1](rec{len=8 flags=0 index=6}))", ""},
		{"records longer than their struct", le.attr(42, rec(12, 5, u32(1))), "T_PLAIN([0](rec{len=12 flags=0 index=5} ?01000000))", ""},
		{"record of no length", le.attr(20, rec(0, 5)), "T_RECS(?0000000005000000)", "record.len"},
		{"record shorter than its struct", le.attr(20, rec(7, 5)), "T_RECS(?0700000005000000)", "record.len"},
		{"record past the end", le.attr(20, rec(9, 5)), "T_RECS(?0900000005000000)", "record.len"},
		{"one byte of a record", le.attr(20, []byte{8}), "T_RECS(?08 _3)", "record.len"},

		{"elements", le.attr(21, []byte{1, 2, 'h', 'i', 2, 1, 9, 77, 1, 0}), `T_TLV(IE_NAME("hi") IE_NUM(9) [77](?00) _2)`, ""},
		{"element past the end", le.attr(21, []byte{1, 9, 'h', 'i'}), `T_TLV(IE_NAME("hi"))`, "tlv.past_end"},
		{"half an element", le.attr(21, []byte{2, 1, 9, 2}), "T_TLV(IE_NUM(9) !02)", "attr.trailing"},
		{"element that is a nest", le.attr(21, append([]byte{3, 8}, le.attr(1, u32(7))...)), "T_TLV(IE_NEST(I_U32(7)) _2)", ""},
		{"length first, inclusive, wide", le.attr(40, be.u16(8), be.u32(1), []byte("hi"), be.u16(7), be.u32(2), []byte{9, 0}),
			`T_WIDE(IE_NAME("hi") IE_NUM(9 _1))`, ""},
		{"inclusive length too small", le.attr(40, be.u16(5), be.u32(1), []byte("hi")), "T_WIDE(IE_NAME() ?6869)", "tlv.len"},
		{"a type beyond the numbers of attributes", le.attr(40, be.u16(8), be.u32(0x10001), []byte("hi")), "T_WIDE([1](?6869))", ""},
	})
}
