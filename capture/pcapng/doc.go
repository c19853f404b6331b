// Package pcapng reads and writes pcap and pcapng files of netlink frames.
//
// Reader yields frames from either format, compressed or not, from a file, a
// pipe or a file that is still growing. Index gives random access to what a
// Reader has passed. Writer writes pcapng and PcapWriter writes pcap.
// BlockReader is the layer below: it yields whole blocks, so that what this
// package does not know survives a copy byte for byte.
//
// The formats are those of draft-ietf-opsawg-pcapng ("PCAP Next Generation
// (pcapng) Capture File Format") and draft-ietf-opsawg-pcap ("PCAP Capture
// File Format"), called the pcapng draft and the pcap draft in this package.
//
// Input is not trusted. No length in a file sizes an allocation before the
// bytes have arrived, a damaged part is reported once as a
// *capture.CorruptError and then passed over, and the work done is linear in
// the size of the input.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package pcapng
