package ynl

import (
	"maps"
	"slices"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// scalars are the integer types; uint and sint have 4 or 8 bytes.
var scalars = map[string]families.Type{
	"u8":   {Kind: families.KindUint, Size: 1},
	"u16":  {Kind: families.KindUint, Size: 2},
	"u32":  {Kind: families.KindUint, Size: 4},
	"u64":  {Kind: families.KindUint, Size: 8},
	"s8":   {Kind: families.KindSint, Size: 1},
	"s16":  {Kind: families.KindSint, Size: 2},
	"s32":  {Kind: families.KindSint, Size: 4},
	"s64":  {Kind: families.KindSint, Size: 8},
	"uint": {Kind: families.KindUint},
	"sint": {Kind: families.KindSint},
}

func scalar(typ string) (families.Type, bool) {
	t, ok := scalars[typ]
	return t, ok
}

// hints are YNL's display hints in the model's words.
var hints = map[string]families.Hint{
	"hex": families.HintHex, "mac": families.HintMAC, "fddi": families.HintFDDI,
	"ipv4": families.HintIPv4, "ipv6": families.HintIPv6, "ipv4-or-v6": families.HintIP,
	"uuid": families.HintUUID,
}

func (r *reader) hint(o *object) families.Hint {
	s := o.text("display-hint")
	h, ok := hints[s]
	if s != "" && !ok {
		r.warnf(o.at("display-hint"), "unknown display-hint %s", quote(s))
	}
	return h
}

func (r *reader) order(o *object) families.Order {
	switch s := o.text("byte-order"); s {
	case "":
	case "big-endian":
		return families.OrderBig
	case "little-endian":
		return families.OrderLittle
	default:
		r.errorf(o.at("byte-order"), "unknown byte-order %s", quote(s))
	}
	return families.OrderHost
}

// secretWords are the parts of a name that speak of key material. YNL does
// not mark it; what is masked without need does less harm than what is shown.
var secretWords = []string{"psk", "pmk", "password", "passphrase", "secret"}

// secret says whether bytes of that name are key material.
func secret(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' })
	for _, w := range words {
		if slices.Contains(secretWords, w) {
			return true
		}
	}
	n := len(words)
	return n > 0 && words[n-1] == "key" && !slices.Contains(words, "public") ||
		n > 1 && words[n-2] == "key" && words[n-1] == "data"
}

// sorted returns the values in the order of their keys, so that what is
// reported first is the same each time.
func sorted[T any](m map[string]T) []T {
	out := make([]T, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, m[k])
	}
	return out
}
