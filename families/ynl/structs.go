package ynl

import "github.com/nlsniff/nlsniff/families"

var memberKeys = []string{"name", "type", "len", "byte-order", "doc", "enum", "enum-as-flags",
	"display-hint", "struct"}

// structDef is a struct, and how far its reading has come.
type structDef struct {
	obj   *object
	st    *families.Struct
	size  int // bytes, as a C compiler has it if natural, else packed
	end   int // where the last member ends
	align int
	flex  bool
	busy  bool // is being read: who meets it now is a part of it
	done  bool
}

func (r *reader) defineStructs() {
	for _, d := range sorted(r.structs) {
		r.defineStruct(d, 0)
	}
}

// maxStructs bounds how deep structs nest, as the model does.
const maxStructs = 15

// defineStruct reads the members. A struct that is a member is read first,
// because a struct needs its size.
func (r *reader) defineStruct(d *structDef, depth int) {
	if d.done {
		return
	}
	d.busy = true
	natural, align := true, 1
	seen := map[string]bool{}
	for _, m := range d.obj.objects("members", "a member", memberKeys) {
		f, size := r.member(d, m, depth)
		if f == nil {
			continue
		}
		if seen[f.Name] && f.Type.Kind != families.KindPad {
			r.errorf(m.at("name"), "member %s is there twice", quote(f.Short))
			continue
		}
		seen[f.Name] = true
		if d.flex {
			r.errorf(m.at("name"), "member %s stands behind one that has no len", quote(f.Short))
			break
		}
		if size < 0 {
			d.flex, size = true, 0
		} else if size == 0 && f.Type.Kind != families.KindStruct {
			continue // no bytes: nothing to show
		}
		a := r.align(m, f)
		natural = natural && d.end%a == 0
		align = max(align, a)
		if d.end += size; d.end > maxLength {
			r.errorf(m.at("name"), "struct %s is larger than an attribute can be", quote(d.st.Name))
			break
		}
		d.st.Members = append(d.st.Members, f)
	}
	// YNL's structs are packed and spell out their holes, but not what C adds
	// at the end. The kernel sends that; an attribute without it is fine too.
	d.size = d.end
	if natural && !d.flex {
		d.st.Packed = false
		d.st.Min = d.end
		d.size = (d.end + align - 1) / align * align
	}
	d.busy, d.done, d.align = false, true, align
	if d.st.Packed {
		d.align = 1
	}
}

// align returns what a C compiler aligns a member to.
func (r *reader) align(m *object, f *families.Field) int {
	switch f.Type.Kind {
	case families.KindUint, families.KindSint:
		return f.Type.Size
	case families.KindStruct:
		return r.structs[m.text("struct")].align
	}
	return 1
}

// member reads one member and returns how many bytes it has, -1 for as many
// as there are.
func (r *reader) member(d *structDef, m *object, depth int) (*families.Field, int) {
	short := m.name("name")
	if short == "" {
		r.errorf(m.at("name"), "a member needs a name")
		return nil, 0
	}
	f := &families.Field{Name: ident(short), Short: short, Doc: m.prose("doc")}
	typ := m.text("type")
	if t, ok := scalar(typ); ok && t.Size > 0 {
		t.Order, t.Hint, t.Enum = r.order(m), r.hint(m), r.enumOf(m)
		f.Type = t
		return f, t.Size
	}
	switch typ {
	case "string":
		f.Type.Kind = families.KindString
	case "pad":
		f.Type.Kind = families.KindPad
	case "binary":
		if m.has("struct") {
			sub := r.memberStruct(m, depth)
			if sub == nil {
				return nil, 0
			}
			f.Type = families.Type{Kind: families.KindStruct, Struct: sub.st}
			return f, sub.size
		}
		f.Type = families.Type{Kind: families.KindBinary, Hint: r.hint(m)}
		f.Secret = secret(short)
	default:
		r.errorf(m.at("type"), "unknown type of member %s", quote(typ))
		return nil, 0
	}
	if !m.has("len") {
		return f, -1
	}
	n, ok := r.length(m, "len")
	if !ok {
		return nil, 0
	}
	f.Type.Size = n
	return f, n
}

// memberStruct finds the struct that a member is.
func (r *reader) memberStruct(m *object, depth int) *structDef {
	name := m.text("struct")
	d := r.structs[name]
	switch {
	case d == nil:
		r.errorf(m.at("struct"), "struct %s is not defined", quote(name))
		return nil
	case d.busy:
		r.errorf(m.at("struct"), "struct %s holds itself", quote(name))
		return nil
	case depth == maxStructs:
		r.errorf(m.at("struct"), "structs are nested deeper than %d", maxStructs)
		return nil
	}
	r.defineStruct(d, depth+1)
	if d.flex {
		r.errorf(m.at("struct"), "struct %s has no fixed size", quote(name))
		return nil
	}
	return d
}

// structOf finds the struct that key names; nil if it names none. As a header,
// its size must be fixed.
func (r *reader) structOf(o *object, key string, header bool) *families.Struct {
	if !o.has(key) {
		return nil
	}
	name := o.text(key)
	d := r.structs[name]
	if d == nil {
		r.errorf(o.at(key), "struct %s is not defined", quote(name))
		return nil
	}
	if header && d.flex {
		r.errorf(o.at(key), "struct %s has no fixed size, so nothing can stand behind it", quote(name))
		return nil
	}
	return d.st
}
