package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/nlsniff/nlsniff/capture/foreign"
	"github.com/nlsniff/nlsniff/capture/pcapng"
	"github.com/nlsniff/nlsniff/families"
)

// readAny has a reader take what is no capture but holds messages, if o does not
// say how already.
func readAny(file string, o pcapng.Options) pcapng.Options {
	if o.Convert == nil {
		o.Convert = foreign.Options{Name: file, Location: location()}.Convert
	}
	return o
}

// foreign returns what the flags say of an input that is no capture.
func (f *readFlags) foreign(file string) foreign.Options {
	return foreign.Options{Name: cmp.Or(f.given, file), Location: location(), Protocol: uint8(f.protocol)}
}

// protocolFlag is a netlink protocol by its name, with or without NETLINK_.
type protocolFlag uint8

// addProtocol adds the flag for input that does not tell its protocol.
func (f *readFlags) addProtocol(fl *pflag.FlagSet) {
	fl.Var(&f.protocol, "protocol", "the netlink `protocol` of plain messages and hex, which do not tell it: route, generic, netfilter, sock_diag, xfrm, …")
}

func (p *protocolFlag) String() string {
	return strings.ToLower(strings.TrimPrefix(families.ProtocolName(uint8(*p)), "NETLINK_"))
}

func (p *protocolFlag) Type() string { return "protocol" }

func (p *protocolFlag) Set(s string) error {
	n, ok := families.ProtocolNumber("NETLINK_" + strings.TrimPrefix(strings.ToUpper(s), "NETLINK_"))
	if !ok {
		return fmt.Errorf("no protocol called %s", s)
	}
	*p = protocolFlag(n)
	return nil
}
