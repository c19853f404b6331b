package render

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestValues shows one value of each hint and each kind of enum, as text and
// as JSON.
func TestValues(t *testing.T) {
	for _, c := range []struct{ typ, in, text, json string }{
		{"u8", "ff", "255", "255"},
		{"s8", "ff", "-1", "-1"},
		{"u16", "0102", "513", "513"},
		{"be16", "0102", "258", "258"},
		{"s32", "feffffff", "-2", "-2"},
		{"u64", "ffffffffffffffff", "18446744073709551615", "18446744073709551615"},
		{"s64", "0000000000000080", "-9223372036854775808", "-9223372036854775808"},
		{"be64", "0000000000000001", "1", "1"},
		{"le32", "01000000", "1", "1"},
		{"uint", "01000000", "1", "1"},
		{"uint", "0100000000000000", "1", "1"},
		{"sint", "ffffffff", "-1", "-1"},

		{"u32 hex", "efbeadde", "0xdeadbeef", `"0xdeadbeef"`},
		{"u32 ifindex", "03000000", `3 (e\x1b0)`, "3"},
		{"u32 ifindex", "04000000", "4", "4"},
		{"ifindex", "04000000", "4", "4"},
		{"u8 af", "02", "AF_INET", `"AF_INET"`},
		{"family", "f0", "240", `"240"`},
		{"errno", "eaffffff", "EINVAL (-22)", "-22"},
		{"s32 errno", "16000000", "EINVAL (22)", "22"},
		{"u64 ns", "0a00000000000000", "10 ns", "10"},
		{"u32 us", "0a000000", "10 us", "10"},
		{"u32 ms", "0a000000", "10 ms", "10"},
		{"u16 s", "0a00", "10 s", "10"},
		{"u32 clock_t", "fb000000", "2.51 s", "251"},
		{"u32 psched", "0a000000", "0.640 us", "10"},
		{"u32 unix", "00000000", "0", `"1970-01-01T00:00:00Z"`},
		{"s64 unix", "7f41f4ff3a000000", "9999-12-31T23:59:59Z", `"9999-12-31T23:59:59Z"`},
		{"s64 unix", "8041f4ff3a000000", "253402300800", `"253402300800"`},
		{"s64 unix", "ffffffffffffff7f", "9223372036854775807", `"9223372036854775807"`},
		{"s64 unix", "0000000000000080", "-9223372036854775808", `"-9223372036854775808"`},
		{"u32 unix", "80436d38", "2000-01-01T00:00:00Z", `"2000-01-01T00:00:00Z"`},
		{"s64 unix", "ffffffffffffffff", "1969-12-31T23:59:59Z", `"1969-12-31T23:59:59Z"`},
		{"u64 unix_ns", "0100000000000000", "1970-01-01T00:00:00.000000001Z", `"1970-01-01T00:00:00.000000001Z"`},
		{"u64 bytes", "0a00000000000000", "10 bytes", "10"},
		{"u32 Bps", "0a000000", "10 bytes/s", "10"},
		{"u32 bps", "0a000000", "10 bit/s", "10"},
		{"u32 pid", "0a000000", "10", "10"},
		{"u32 uid", "00000000", "0", "0"},
		{"port", "0050", "80", "80"},
		{"u32 tc_handle", "00000000", "0:", `"0:"`},
		{"u32 tc_u32", "00000000", "none", `"none"`},
		{"u32 tc_u32", "00000080", "800:", `"800:"`},
		{"u32 tc_u32", "00080080", "800::800", `"800::800"`},
		{"u32 tc_u32", "00280101", "10:12:800", `"10:12:800"`},
		{"u32 tc_filter", "01000000", "0x1", `"0x1"`},
		{"s32 tc_verdict", "06000020", "goto chain 6", "536870918"},
		{"s32 tc_verdict", "02000010", "jump 2", "268435458"},
		{"s32 tc_verdict", "ffffffff", "-1", "-1"},
		{"u32[] groups", "05000080", "1|3|32", `["1","3","32"]`},
		{"u32[] groups", "0000000001000000", "33", `["33"]`},
		{"u32 tc_handle", "ffffffff", "root", `"root"`},
		{"u32 tc_handle", "f1ffffff", "ingress", `"ingress"`},
		{"u32 tc_handle", "0a000100", "1:a", `"1:a"`},
		{"u32 tc_handle", "0000ff00", "ff:", `"ff:"`},
		{"u32 percent", "ffffffff", "100.0000%", "4294967295"},
		{"u8 percent", "00", "0.0000%", "0"},
		{"u8 prefix", "18", "/24", "24"},
		{"u16 family_id", "1000", "16", "16"},
		{"bool", "01", "1", "1"},
		{"u8 char", "1b", `"\x1b"`, `"\\x1b"`},
		{"u8 char", "22", `"\""`, `"\""`},
		{"u8 char", "5c", `"\\"`, `"\\\\"`},
		{"u16 version", "0201", "1.2", `"1.2"`},
		{"u32 ipv4", "c0000201", "192.0.2.1", `"192.0.2.1"`},
		{"be32 ipv4", "c0000201", "192.0.2.1", `"192.0.2.1"`},

		{"u32 colour", "01000000", "C_GREEN", `"C_GREEN"`},
		{"u8 colour", "09", "9", `"9"`},
		{"s8 colour", "fe", "C_MINUS", `"C_MINUS"`},
		{"s64 colour", "feffffffffffffff", "C_MINUS", `"C_MINUS"`},
		{"u64 colour", "9a78563412000000", "C_LARGE", `"C_LARGE"`},
		{"u8 colour hex", "09", "0x9", `"0x9"`},
		{"u32 perm", "00000000", "0", "[]"},
		{"u32 perm", "02000000", "WRITE", `["WRITE"]`},
		{"u32 perm", "03000080", "READ|WRITE|OTHER_HIGH", `["READ","WRITE","OTHER_HIGH"]`},
		{"u32 perm", "01010040", "READ|0x40000100", `["READ","0x40000100"]`},
		{"u16 parts", "2101", "low=1 high=0x2 shade=C_GREEN", `{"low":1,"high":"0x2","shade":"C_GREEN"}`},
		{"u16 parts", "0003", "low=0 high=0x0 shade=3", `{"low":0,"high":"0x0","shade":"3"}`},
		{"bitfield32 perm", "0100000003000000", "READ of READ|WRITE", `{"value":["READ"],"selector":["READ","WRITE"]}`},
		{"bitfield32", "0100000000000010", "0x1 of 0x10000000", `{"value":["0x1"],"selector":["0x10000000"]}`},

		{"string", "6c6f00", `"lo"`, `"lo"`},
		{"string", "6c6f", `"lo"`, `"lo"`},
		{"string", "00", `""`, `""`},
		{"flag", "", "", "true"},
		{"u32", "", "", ""}, // its payload is in "raw",
		{"nest inner", "", "", "{}"},
		{"indexed u32", "", "", "[]"},
		{"binary", "00ff10", "00ff10", `"00ff10"`},
		{"binary hex", "00ff10", "00ff10", `"00ff10"`},
		{"binary key", "0001", "AAE=", `"AAE="`},
		{"mac", "021122334455", "02:11:22:33:44:55", `"02:11:22:33:44:55"`},
		{"ipv4", "c0000201", "192.0.2.1", `"192.0.2.1"`},
		{"ipv6", "20010db8000000000000000000000001", "2001:db8::1", `"2001:db8::1"`},
		{"ip", "c0000201", "192.0.2.1", `"192.0.2.1"`},
		{"ip", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1", `"::ffff:192.0.2.1"`},
		{"ip", "c00002", "c00002", `"c00002"`},
		{"lladdr", "021122334455", "02:11:22:33:44:55", `"02:11:22:33:44:55"`},
		{"lladdr", "c0000201", "192.0.2.1", `"192.0.2.1"`},
		{"sockaddr", "02000050c00002010000000000000000", "192.0.2.1:80", `{"family":"AF_INET","address":"192.0.2.1","port":80}`},
		{"sockaddr", "0a0000500000000020010db800000000000000000000000100000000", "[2001:db8::1]:80", `{"family":"AF_INET6","address":"2001:db8::1","port":80}`},
		{"sockaddr", "0a00", "0a00", ""},
		{"uuid", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeeff", `"00112233-4455-6677-8899-aabbccddeeff"`},
		{"mpls", "00064040000c8140", "100/200", `"100/200"`},

		{"u16[]", "010002000300", "[1 2 3]", "[1,2,3]"},
		{"u8[2]", "0102", "[1 2]", "[1,2]"},
		{"array ipv4", "c0000201c0000202", "[192.0.2.1 192.0.2.2]", `["192.0.2.1","192.0.2.2"]`},
		{"u32[] colour", "", "", "[]"},
	} {
		in, err := hex.DecodeString(c.in)
		if err != nil {
			t.Fatal(err)
		}
		text, json := both(t, Options{}, c.typ, in)
		text, _, _ = strings.Cut(text, "\n")
		if text != c.text || json != c.json {
			t.Errorf("%s of %s: %s and %s, want %s and %s", c.typ, c.in, text, json, c.text, c.json)
		}
	}
}

// TestErrnoName: errno values have their names from the enum of their type.
func TestErrnoName(t *testing.T) {
	db := describe(t, "u8")
	e, err := db.Load("netlink")
	if err != nil {
		t.Fatal(err)
	}
	names := e.Structs["nlmsgerr"].Members[0].Type.Enum
	for v, want := range map[int64]string{0: "0", -22: "EINVAL (-22)", 22: "EINVAL (22)", -4095: "-4095", -1 << 63: "-9223372036854775808"} {
		if got := string(appendErrno(nil, names, v)); got != want {
			t.Errorf("errno %d: %s, want %s", v, got, want)
		}
	}
}
