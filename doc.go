// Package nlsniff decodes netlink for Go programs: messages that a program has
// in hand, captures from files, and what the kernel and its processes say to
// one another right now, message by message or joined into exchanges.
//
// A [Decoder] knows what bytes mean and remembers what one frame tells about
// later ones. Give it the bytes of a socket:
//
//	d, err := nlsniff.NewDecoder()
//	...
//	for _, m := range d.Bytes(unix.NETLINK_ROUTE, nlsniff.FromKernel, buf[:n]).Messages {
//		fmt.Println(m.Name(), m.Attr("IFLA_IFNAME").Text(), m.Err())
//	}
//
// or the frames of a source, which [OpenFile] and [OpenLive] return:
//
//	for f, err := range d.Frames(ctx, src) {
//	for x, err := range d.Exchanges(ctx, src) {
//
// What is decoded belongs to the caller: it stays valid, and no goroutine
// touches it again. A Decoder and its filters may be used by several
// goroutines, but it learns from frames in the order in which it gets them.
//
// # Stability
//
// This is v0. What stays as it is: this package, package capture, Message and
// Value of package dissect, the codes of findings, and the format of JSON
// (docs/json.md). The other public packages are nlsniff's own parts; they may
// change in any version.
package nlsniff
