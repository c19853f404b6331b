package families

import (
	"errors"
	"strings"
	"testing"
)

// none is for descriptions that use no other.
func none(name string) (*Family, error) { return nil, errors.New("no description named " + name) }

// parseLines reads a description of a classic protocol that is made of these
// lines.
func parseLines(lines ...string) (*Family, error) {
	text := "family test\nprotocol NETLINK_ROUTE\n" + strings.Join(lines, "\n")
	return ParseSpec("test.spec", text, none)
}

func mustParse(t testing.TB, lines ...string) *Family {
	t.Helper()
	f, err := parseLines(lines...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// everything has every block, type, modifier and condition that
// docs/descriptions.md names; spec_test.go compares the two.
const everything = `
family everything                      # a comment
genl everything version 3
unknown secret
headers linux/a.h linux/b.h
use common

enum color COLOR_
  0 COLOR_RED
  1<<5 COLOR_GREEN green
  -1 COLOR_NONE
  0x10 COLOR_BLUE
  COLOR_BLUE COLOR_ALIAS
numbers span
  -1 forever
flags caps CAP_
  0x80 CAP_NEW
bits parts
  12 20 label
  8 1 bos
  0 8 ttl hex
struct hdr
  family u8 af
  kind u8
  __pad pad[2]
  index u32 ifindex
struct small packed
  a u8
  b u32
struct grown min=4
  a u32
  b u64
struct rec
  len u16
  flags u16 caps
struct counted
  n u32
  list array by n u16
struct varied show=cbpf
  n u8
  bits u8
  path string by n
  segs array by n*2+1 ipv6
  key binary by bits hex
  what cstring
  env strings
struct element
  kind u8
  size u8
struct holder
  kind u32
  value sub value by kind
  name string[16]
  raw binary[8]
  addr ip[16]
  ll lladdr[32]
  tail nest t
sub value
  1 u32
  COLOR_GREEN,3 struct rec
  * binary
sub data tagged
  vxlan nest t
  gre,gretap u32
  * nest -
tlv ie IE_ multi
  1 IE_NAME string
attrs t T_
  1 T_U8 u8
  2 T_U16 u16 multi
  3 T_U32 u32 color
  4 T_U64 u64 span
  5 T_S8 s8 min=-3 max=3
  6 T_S16 s16 min=COLOR_RED
  7 T_S32 s32 secret quiet volatile=id:thing until=6.3
  8 T_S64 s64 since=5.4
  9 T_BE16 be16 short=other
  10 T_BE32 be32 guess
  11 T_BE64 be64 doc="two words"
  12 T_LE16 le16
  13 T_LE32 le32
  14 T_LE64 le64
  15 T_UINT uint
  16 T_SINT sint
  17 T_STRING string maxlen=16
  18 T_BINARY binary len=4
  19 T_FLAG flag
  20 T_PAD pad
  21 T_MAC mac
  22 T_IPV4 ipv4
  23 T_IPV6 ipv6
  24 T_UUID uuid
  25 T_IP ip minlen=4
  26 T_LLADDR lladdr
  27 T_SOCKADDR sockaddr
  28 T_MPLS mpls
  29 T_IFINDEX ifindex
  30 T_PORT port
  31 T_ERRNO errno
  32 T_BOOL bool
  33 T_FAMILY family
  34 T_BITFIELD bitfield32 caps
  35 T_STRUCT struct hdr
  36 T_NEST nest t ordered
  37 T_NEST_HEADER nest t header hdr
  38 T_ANY nest -
  39 T_INDEXED indexed ordered u32
  40 T_LEVELS levels policy attr nest t
  41 T_FOUR u32[4]
  42 T_OPEN u32[]
  43 T_STRUCTS struct hdr[]
  44 T_ARRAY array struct hdr
  45 T_ARRAY_N array 3 u16
  46 T_BITMAP u32[] bitmap color
  47 T_SUB sub data by T_STRING
  48 T_TLV tlv ie type=2 len=4 len-first inclusive align=4 be ordered
  49 T_TLV_LE tlv ie le
  50 T_RECORDS records rec
  51 T_RECORDS_ATTRS records rec attrs t
  52 T_MESSAGE message
  53 T_LSE be32 parts
  54 T_SBE sbe32
  55 T_POWER s32 scale=100 unit=dBm
  56 T_PACKET packet ieee80211
  57 T_LEN sub data by @len
  58 T_PATH sub data by T_NEST/T_STRING
  59 T_HEADED tlv ie head=element type=kind len=size unit=4 inclusive
  60 T_VARIED struct varied
tlv ieee80211-ies
  0 SSID string
body t
  request len<16 : header hdr
  request attrs-at=8 : header hdr
  starts="T_" : payload strings
  reply kind!=1 : header hdr attrs t
  dump family=AF_BRIDGE : header hdr attrs t
  do index=0x10 : header hdr payload u32[]
  header hdr attrs t
  line T_STRING|index?event&create|:none kind=T_NEST/T_U8# x=T_STRUCT/index! all=T_NEST*
body bare
  payload struct hdr
requests CMD_
  1 CMD_GET t class=get
  2 CMD_SET t class=new
  3 CMD_DROP t class=del
  4 CMD_NOTHING - class=other
replies CMD_
  1 CMD_GOT t
messages CMD_
  5 CMD_BOTH bare
events CMD_
  5 CMD_HAPPENED bare
groups
  GROUP_ONE
  7 GROUP_TWO
`
