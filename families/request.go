package families

// FindRequest finds a request of any description by its uapi name, nil if there
// is none. It reads only the descriptions that have the word.
func (db *DB) FindRequest(name string) *Message {
	h := db.Holders([]string{name})
	for _, in := range db.List() {
		switch {
		case in.Library:
			continue
		case in.Genl != "" && !h.Genl(in.Genl), in.Genl == "" && !h.Protocol(in.Protocol):
			continue
		}
		f, err := db.Load(in.Name)
		if err != nil {
			continue
		}
		for _, m := range f.Messages {
			if m.Req && m.Name == name {
				return m
			}
		}
	}
	return nil
}
