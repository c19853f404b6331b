package families

import "testing"

// TestEmbedded reads every description that comes with nlsniff.
func TestEmbedded(t *testing.T) {
	db := Embedded()
	for _, in := range db.List() {
		f, err := db.Load(in.Name)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		if f.Name+".spec" != in.Origin {
			t.Errorf("%s describes %s; the file should bear the family's name", in.Origin, f.Name)
		}
	}
}
