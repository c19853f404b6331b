package families

// Volatile says why the value of a field differs from run to run, though the
// same is asked and done.
type Volatile uint8

// The reasons.
const (
	Stable        Volatile = iota
	VolatileID             // the kernel chose it: a handle, an index
	VolatileGen            // counts changes: a generation
	VolatileCount          // counts what happened: packets, bytes, references
	VolatileTime           // a point in time, or how long ago or until then
	VolatileHost           // depends on the machine: sizes of memory, its name, its hardware
)

var volatileWords = map[string]Volatile{"id": VolatileID, "gen": VolatileGen, "count": VolatileCount, "time": VolatileTime, "host": VolatileHost}

// String is the word of the description language.
func (v Volatile) String() string { return wordOf(volatileWords, v) }
