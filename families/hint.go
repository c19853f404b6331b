package families

// Hint says how a person wants to see a value. It never changes how many
// bytes the value has.
type Hint uint8

// The hints.
const (
	HintNone Hint = iota
	HintHex
	HintMAC
	HintIPv4
	HintIPv6
	HintIP       // IPv4 or IPv6 by length, or what the address family says
	HintLLAddr   // link-layer address: MAC, or IP on a tunnel, by length
	HintSockaddr // struct sockaddr_in or sockaddr_in6
	HintUUID
	HintIfIndex // interface index
	HintAF      // address family; decides how addresses beside it are read
	HintErrno   // positive or negative errno
	HintNs      // durations
	HintUs
	HintMs
	HintSec
	HintClockT   // hundredths of a second (USER_HZ)
	HintUnix     // seconds since the epoch
	HintUnixNs   // nanoseconds since the epoch
	HintBytes    // number of bytes
	HintBps      // bytes a second
	HintBitps    // bits a second
	HintPID      // process id
	HintUID      // user or group id
	HintPort     // transport port
	HintTCHandle // major:minor
	HintPercent  // of the type's range: 0 is 0 %, all ones 100 %
	HintPrefix   // prefix length in bits
	HintFamilyID // generic netlink family id
	HintKey      // key material, shown in base64 when it is shown at all
	HintBool     // 0 or 1
	HintChar     // one character
	HintVersion  // major.minor
	HintMsgType  // a netlink message type of the same protocol
	HintGenlCmd  // a command of the generic family described beside it
	HintMPLS     // MPLS label stack
	HintBitmap   // bits, numbered from the lowest of the first word
	HintGroups   // likewise, numbered from 1: multicast groups
	HintFDDI     // as a MAC address
	HintTCInfo   // a filter's priority and protocol (TC_H_MAKE in net/sched/cls_api.c)
	HintVerdict  // what an action ends in (TC_ACT_EXT_SHIFT in linux/pkt_cls.h)
	HintTCU32    // a handle of the u32 classifier: hash table, bucket, node
	HintTCFilter // that of any classifier: as the attribute TCA_KIND of the message says
	HintMCTP     // struct mctp_fq_addr: a network, and an endpoint in it
	HintPsched   // packet scheduler ticks of 64 ns (PSCHED_SHIFT in net/pkt_sched.h)

	NumHints // how many there are
)

// hintWords are the words of the description language. Those that are a type
// of their own are in aliasTypes.
var hintWords = map[string]Hint{
	"hex": HintHex, "mac": HintMAC, "ipv4": HintIPv4, "ipv6": HintIPv6, "ip": HintIP,
	"lladdr": HintLLAddr, "sockaddr": HintSockaddr, "uuid": HintUUID, "ifindex": HintIfIndex,
	"af": HintAF, "errno": HintErrno, "ns": HintNs, "us": HintUs, "ms": HintMs, "s": HintSec,
	"clock_t": HintClockT, "unix": HintUnix, "unix_ns": HintUnixNs, "bytes": HintBytes,
	"Bps": HintBps, "bps": HintBitps, "pid": HintPID, "uid": HintUID, "port": HintPort,
	"tc_handle": HintTCHandle, "percent": HintPercent, "prefix": HintPrefix,
	"family_id": HintFamilyID, "key": HintKey, "bool": HintBool, "char": HintChar,
	"version": HintVersion, "msg_type": HintMsgType, "genl_cmd": HintGenlCmd,
	"tc_info": HintTCInfo, "tc_verdict": HintVerdict, "tc_u32": HintTCU32, "tc_filter": HintTCFilter, "mpls": HintMPLS, "bitmap": HintBitmap, "groups": HintGroups, "fddi": HintFDDI, "psched": HintPsched, "mctp": HintMCTP,
}

// aliasTypes are words that stand for a type and a hint together.
var aliasTypes = map[string]Type{
	"mac":      {Kind: KindBinary, Size: 6, Hint: HintMAC},
	"ipv4":     {Kind: KindBinary, Size: 4, Hint: HintIPv4},
	"ipv6":     {Kind: KindBinary, Size: 16, Hint: HintIPv6},
	"uuid":     {Kind: KindBinary, Size: 16, Hint: HintUUID},
	"ip":       {Kind: KindBinary, Hint: HintIP},
	"lladdr":   {Kind: KindBinary, Hint: HintLLAddr},
	"sockaddr": {Kind: KindBinary, Hint: HintSockaddr},
	"mpls":     {Kind: KindBinary, Hint: HintMPLS},
	"ifindex":  {Kind: KindUint, Size: 4, Hint: HintIfIndex},
	"port":     {Kind: KindUint, Size: 2, Order: OrderBig, Hint: HintPort},
	"errno":    {Kind: KindSint, Size: 4, Hint: HintErrno},
	"bool":     {Kind: KindUint, Size: 1, Hint: HintBool},
	"family":   {Kind: KindUint, Size: 1, Hint: HintAF},
}
