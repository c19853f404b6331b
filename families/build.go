package families

// NewFamily returns an empty description for a reader of another format to
// fill in. Call Link once everything is there.
func NewFamily() *Family { return newFamily() }

// Link lays out the structs and builds the lookup tables of a description
// that was put together by hand, and enters its messages into its Table.
func (f *Family) Link() error {
	if err := f.link(); err != nil {
		return err
	}
	for _, m := range f.Messages {
		f.table.Add(m, false)
	}
	return nil
}

// ClassOf says what the upper flag bits of m mean, by its number or its name.
func ClassOf(protocol uint8, m *Message) Class { return classOf(protocol, m) }
