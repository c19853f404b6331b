// Package extcap answers what Wireshark asks of the programs in its extcap folder
// (https://www.wireshark.org/docs/wsdg_html_chunked/ChCaptureExtcap.html): which
// interfaces there are, of which link type, with which options.
//
// Wireshark asks for each interface whenever it starts, so answering opens no
// socket and asks no kernel.
package extcap

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/capture"
)

// Called says whether arguments are those of Wireshark.
func Called(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "--capture" || strings.HasPrefix(a, "--extcap-") })
}

// The interfaces.
const (
	Here = "nlsniff"      // this network namespace
	All  = "nlsniff-all"  // all that have names
	EBPF = "nlsniff-ebpf" // everything
)

// display is what Wireshark lists.
var display = map[string]string{
	Here: "Netlink: this network namespace",
	All:  "Netlink: all named network namespaces",
	EBPF: "Netlink: everything, with eBPF",
}

// Known says whether there is an interface of this name.
func Known(name string) bool { return display[name] != "" }

// Interfaces writes the list. ebpf says whether that source is there.
func Interfaces(w io.Writer, version string, ebpf bool) error {
	list := []string{Here, All}
	if ebpf {
		list = append(list, EBPF)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "extcap {version=%s}{display=nlsniff}{help=https://github.com/nlsniff/nlsniff}\n", clean(version))
	for _, name := range list {
		fmt.Fprintf(&b, "interface {value=%s}{display=%s}\n", name, display[name])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// LinkTypes writes the one link type of all interfaces.
func LinkTypes(w io.Writer) error {
	_, err := fmt.Fprintf(w, "dlt {number=%d}{name=NETLINK}{display=Linux netlink}\n", capture.LinkTypeNetlink)
	return err
}

// options are those of a capture, as sentences with the number left out. A value
// follows the option that it is of.
type option struct {
	call, rest string
	values     []string
	on         []string // interfaces that have it, nil for all
}

// The options, by which Wireshark calls nlsniff again.
const (
	OptNetns  = "netns"
	OptSource = "source"
	OptRing   = "ring"
	OptRedact = "redact"
	OptLog    = "log-file"
)

var options = []option{
	// Wireshark 4.0 has no list that one can type into as well; -o takes a path or
	// pid:N all the same.
	{OptNetns, "{display=Network namespace}{tooltip=Those of ip netns}{type=selector}{reload=true}{placeholder=Look for more}",
		[]string{"{value=}{display=This one}{default=true}"}, []string{Here, EBPF}},
	{OptSource, "{display=Source}{tooltip=How to capture: nlmon shows this network namespace and eight protocols, eBPF all of them}{type=selector}",
		[]string{"{value=nlmon}{display=nlmon}{default=true}", "{value=auto}{display=eBPF where that works}"}, []string{Here}},
	{OptRing, "{display=Ring size (MiB)}{tooltip=How much the kernel keeps before it drops}{type=unsigned}{range=1,1024}{default=32}", nil, nil},
	{OptRedact, "{display=Leave out key material}{tooltip=Write zeros for what nlsniff would hide}{type=boolflag}{default=false}", nil, nil},
	{OptLog, "{display=Log file}{tooltip=What a capture says of itself}{type=fileselect}{mustexist=false}{group=Log}", nil, nil},
}

// Config writes the options of an interface.
func Config(w io.Writer, iface string) error {
	var b strings.Builder
	n := 0
	for _, o := range options {
		if o.on != nil && !slices.Contains(o.on, iface) {
			continue
		}
		fmt.Fprintf(&b, "arg {number=%d}{call=--%s}%s\n", n, o.call, o.rest)
		for _, v := range o.values {
			fmt.Fprintf(&b, "value {arg=%d}%s\n", n, v)
		}
		n++
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Namespaces writes the values of OptNetns, which is the first option.
func Namespaces(w io.Writer, names []string) error {
	var b strings.Builder
	b.WriteString("value {arg=0}{value=}{display=This one}{default=true}\n")
	for _, name := range names {
		if clean(name) == name { // braces would end the sentence
			fmt.Fprintf(&b, "value {arg=0}{value=%s}{display=%s}\n", name, name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// clean takes out what ends a value.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '{' || r == '}' {
			return -1
		}
		return r
	}, s)
}
