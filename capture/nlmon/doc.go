// Package nlmon captures netlink as it happens, from the kernel's nlmon
// interfaces (drivers/net/nlmon.c) with an AF_PACKET ring.
//
// Open finds an nlmon interface in each network namespace that is asked for,
// or creates one and sees to its removal, whatever way the process ends. The
// Source that it returns yields what the kernel copies into its rings
// (TPACKET_V3 of linux/if_packet.h), whole, and counts what was lost.
//
// Opening needs CAP_NET_RAW, CAP_NET_ADMIN where an interface is created, and
// CAP_SYS_ADMIN for another namespace. What follows needs none of them.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package nlmon
