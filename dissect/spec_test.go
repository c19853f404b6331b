package dissect_test

// testSpec is a family that has everything the description language knows.
const testSpec = `
family test
protocol NETLINK_ROUTE
use common netlink

enum color COLOR_
  1 COLOR_RED
  2 COLOR_BLUE
struct point
  x u16
  y u32
struct old min=4
  a u32
  b u32
struct tiny
  fam u8 af
struct fixed
  fam u8 af
  kind u8
  index u32
struct rec
  len u16
  flags u16
  index u32
struct counted
  n u16
  v u16
  tail array by n u32
struct item
  n u16
  v array by n u16
struct endless
  n u16
  v u16[]
struct chooses
  which u32
  value sub value by which
struct holds
  at struct point
  list struct point[2]
  nums u16[2]
  __pad pad[2]
  name string[6]
  attrs nest inner
sub value
  1 u32
  2 struct point

attrs keyed K_ secret
  1 K_U32 u32
attrs t T_
  1 T_U8 u8
  2 T_U32 u32
  3 T_STR string
  4 T_NEST nest inner
  5 T_FLAG flag
  6 T_KIND string
  7 T_DATA sub data by T_KIND
  8 T_LIST indexed u32
  9 T_NESTS indexed nest inner
  10 T_POINT struct point
  11 T_OLD struct old
  12 T_U16S u16[]
  13 T_POINTS struct point[]
  14 T_BE be32
  15 T_UINT uint
  16 T_RANGE u8 min=1 max=5
  17 T_LEN binary len=4
  18 T_MULTI u32 multi
  19 T_PAD pad
  20 T_RECS records rec attrs inner
  21 T_TLV tlv ie type=1 len=1
  22 T_HDR nest inner header fixed
  23 T_LEVELS levels policy attribute nest inner
  24 T_MSG message
  25 T_ADDR ip
  26 T_ITEMS struct item[]
  27 T_COUNTED struct counted
  28 T_CHOOSES struct chooses
  29 T_BYFAM sub by-family by fam
  30 T_SINT sint
  31 T_MAC mac
  32 T_SUBS indexed sub data by T_KIND
  34 T_BITS bitfield32
  35 T_ANY nest -
  36 T_ID u8 color
  37 T_BYID sub by-id by T_ID
  38 T_SELF nest t
  39 T_SRANGE s8 min=-2 max=2
  40 T_WIDE tlv ie type=4 len=2 len-first inclusive align=4 be
  41 T_HOLDS struct holds
  42 T_PLAIN records rec
  43 T_THREE u16[3]
  44 T_BIN binary minlen=2 maxlen=6
  46 T_ENDLESS struct endless[]
  45 T_GRID array struct point[2]
  47 T_VARIED struct varied
  48 T_HEADED tlv ie head=op type=code len=yes inclusive unit=2
  49 T_BYLEN sub by-len by @len
  50 T_BYNESTED sub by-bit by @nested
  51 T_BYREQUEST sub by-bit by @request
  52 T_INSIDE sub data by T_SELF/T_KIND
  53 T_MEMBER sub by-id by T_FIXED/kind
  54 T_FIXED struct fixed
  55 T_STRINGS strings
  56 T_PACKET packet ip
  57 T_FRAME packet ieee80211
  59 T_TWICE struct twice
  61 T_ROOM struct room
  63 T_AFTER struct after
  64 T_HAS sub has by T_SELF/T_KIND?
  58 T_VHDR nest inner header vhdr
  60 T_KEYED nest keyed
  69 T_SHORT string maxlen=5
attrs inner I_
  1 I_U32 u32
  2 I_STR string
  3 I_DATA sub data by T_KIND
  4 I_NEST nest inner
  5 I_ADDR ip
tlv ie IE_
  1 IE_NAME string
  2 IE_NUM u8
  3 IE_NEST nest inner

tlv ieee80211-ies
  0 SSID string
struct varied
  n u8
  len u8
  name string by len
  nums array by n*2+1 u8
  what cstring
  pair struct point2
  rest u8[]
struct room packed
  n be16
  addr lladdr[8] used=n
  m u8
  points struct point2[2] used=m
sub has
  0 u32
  1 string
struct after packed min=8
  text string[4] used=n
  nums u16[2] used=m
  n u8
  m u8
struct twice packed
  n u8
  a array by n u8
  m le16
  b array by m u8
  c u8
struct point2 packed
  x u8
  y be16
struct op
  code u8
  yes u8
struct vhdr
  n u16
  opts binary by n
sub by-len
  1 u8
  4 u32
  * string
sub by-bit
  0 u32
  1 nest inner
sub data
  point struct point
  deep nest inner
  num u32
sub by-family
  AF_INET u32
  AF_INET6 string
sub by-id
  COLOR_RED u32
  COLOR_BLUE string
  * binary

body t
  request len<8 : header tiny
  fam=AF_BRIDGE : header fixed attrs inner
  header fixed attrs t
body bare
  attrs t
body value
  payload struct point
body asked
  request : attrs t
body head
  header fixed
body dumped
  dump : attrs inner
  attrs t
messages T_
  16 T_NEW t
  17 T_DEL t
  18 T_GET t
  19 T_SET t
  20 T_BARE bare
  24 T_VALUE value
  28 T_NOTHING -
  32 T_ASKED asked
  36 T_HEAD head
  40 T_DUMPED dumped
`

// testGenl is a generic family whose commands differ by direction.
const testGenl = `
family gen
genl gentest version 1
use common
attrs g G_
  1 G_U32 u32
  2 G_NEST nest g
body g
  attrs g
requests G_CMD_
  1 G_CMD_ASK g
  2 G_CMD_ADD g
replies G_CMD_
  1 G_CMD_TELL g
`

// testNetfilter has the numbers of NETLINK_ROUTE with other meanings.
const testNetfilter = `
family nf
protocol NETLINK_NETFILTER
struct nfgenmsg
  nfgen_family u8
  version u8
  res_id be16
body batch
  header nfgenmsg
messages NFNL_MSG_
  16 NFNL_MSG_BATCH_BEGIN batch
  17 NFNL_MSG_BATCH_END batch
`

const testConnector = `
family cn
protocol NETLINK_CONNECTOR
struct cn_msg
  idx u32
  val u32
body cn
  header cn_msg
messages
  3 CN_MSG cn class=other
`
