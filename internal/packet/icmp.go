package packet

// icmpType is a type of ICMP messages, and what its codes say.
type icmpType struct {
	name  string
	codes []string
}

var icmp4Types = [...]icmpType{
	0: {"EchoReply", nil},
	3: {"DestinationUnreachable", []string{"Net", "Host", "Protocol", "Port", "FragmentationNeeded", "SourceRoutingFailed",
		"NetUnknown", "HostUnknown", "SourceIsolated", "NetAdminProhibited", "HostAdminProhibited", "NetTOS", "HostTOS",
		"CommAdminProhibited", "HostPrecedence", "PrecedenceCutoff"}},
	4:  {"SourceQuench", nil},
	5:  {"Redirect", []string{"Net", "Host", "TOS+Net", "TOS+Host"}},
	8:  {"EchoRequest", nil},
	9:  {"RouterAdvertisement", nil},
	10: {"RouterSolicitation", nil},
	11: {"TimeExceeded", []string{"TTLExceeded", "FragmentReassemblyTimeExceeded"}},
	12: {"ParameterProblem", []string{"PointerIndicatesError", "MissingOption", "BadLength"}},
	13: {"TimestampRequest", nil},
	14: {"TimestampReply", nil},
	15: {"InfoRequest", nil},
	16: {"InfoReply", nil},
	17: {"AddressMaskRequest", nil},
	18: {"AddressMaskReply", nil},
}

var icmp6Types = [...]icmpType{
	1: {"DestinationUnreachable", []string{"NoRouteToDst", "AdminProhibited", "BeyondScopeOfSrc", "AddressUnreachable",
		"PortUnreachable", "SrcAddressFailedPolicy", "RejectRouteToDst"}},
	2:   {"PacketTooBig", nil},
	3:   {"TimeExceeded", []string{"HopLimitExceeded", "FragmentReassemblyTimeExceeded"}},
	4:   {"ParameterProblem", []string{"ErroneousHeaderField", "UnrecognizedNextHeader", "UnrecognizedIPv6Option"}},
	128: {"EchoRequest", nil},
	129: {"EchoReply", nil},
	133: {"RouterSolicitation", nil},
	134: {"RouterAdvertisement", nil},
	135: {"NeighborSolicitation", nil},
	136: {"NeighborAdvertisement", nil},
	137: {"Redirect", nil},
}

// typeCode appends what the first two bytes of an ICMP message say.
func typeCode(t *text, types []icmpType, p []byte) {
	kind, code := p[0], int(p[1])
	switch {
	case int(kind) >= len(types) || types[kind].name == "":
		t.num(uint64(kind)).str("(").num(uint64(code)).str(")")
	case code < len(types[kind].codes):
		t.str(types[kind].name).str("(").str(types[kind].codes[code]).str(")")
	case code > 0:
		t.str(types[kind].name).str("(Code: ").num(uint64(code)).str(")")
	default:
		t.str(types[kind].name)
	}
}

// byICMP6 is the layer behind the header of an ICMPv6 message of a type.
func byICMP6(t byte) uint16 {
	switch t {
	case 134:
		return routerAdv
	case 135:
		return neighborSol
	case 136:
		return neighborAdv
	case 137:
		return redirect
	}
	return layerPayload
}
