package families

// EnumKind says how values combine.
type EnumKind uint8

// The kinds of enum.
const (
	EnumValues EnumKind = iota // one name a value
	EnumFlags                  // masks that are or-ed
	EnumBits                   // C bit-fields and packed words: shift, width
)

// Enum names integer values.
type Enum struct {
	Name    string
	Prefix  string
	Kind    EnumKind
	Numbers bool // the values are numbers, of which some have a name: forever, any
	Entries []Entry

	dense []string
	byVal map[uint64]string
	known uint64 // flags: every bit that has a name
}

// Entry is one name of an Enum. For EnumBits, Value is the shift and Width the
// number of bits.
type Entry struct {
	Value uint64
	Width uint8
	Name  string
	Short string
	Type  *Type // EnumBits: how to show the part
}
