package headercheck

import (
	"fmt"
	"strings"

	"github.com/nlsniff/nlsniff/families"
)

// OrderDispute is a struct member that a description reads in another byte
// order than its type in the kernel's header says.
type OrderDispute struct {
	Family, Struct, Member, Header string
	CType                          string // in the header
	Has                            string // in the description
}

// Name is the member's name within its struct.
func (d OrderDispute) Name() string { return d.Struct + "." + d.Member }

func (d OrderDispute) String() string {
	return fmt.Sprintf("%s is %s in %s, but %s in %s.spec", d.Name(), d.CType, d.Header, d.Has, d.Family)
}

// Orders compares the byte order of every number in a struct that both a
// description and a header have.
func (f *Facts) Orders(fams []*families.Family) (checked int, out []OrderDispute) {
	for _, fam := range fams {
		own := map[string]bool{}
		for _, h := range fam.Headers {
			own[h] = true
		}
		for _, s := range fam.Structs {
			n, wrong := f.structOrders(fam, s, own)
			checked += n
			out = append(out, wrong...)
		}
	}
	return checked, out
}

func (f *Facts) structOrders(fam *families.Family, s *families.Struct, own map[string]bool) (checked int, out []OrderDispute) {
	for header, l := range headersOf(f.structs[s.Name], own) {
		for _, m := range s.Members {
			p, ok := l.members[m.Name]
			if !ok || !multibyte(&m.Type) {
				continue
			}
			want, ok := orderOf(p.ctype)
			if !ok {
				continue
			}
			checked++
			if has := numberOrder(&m.Type); has != want {
				out = append(out, OrderDispute{fam.Name, s.Name, m.Name, header, p.ctype, m.Type.String()})
			}
		}
	}
	return checked, out
}

// headersOf returns the layouts of the family's own headers; without any
// there, all.
func headersOf(all map[string]*layout, own map[string]bool) map[string]*layout {
	mine := map[string]*layout{}
	for h, l := range all {
		if own[h] {
			mine[h] = l
		}
	}
	if len(mine) > 0 {
		return mine
	}
	return all
}

// multibyte says whether a type is a number that has a byte order, or several.
func multibyte(t *families.Type) bool {
	switch t.Kind {
	case families.KindUint, families.KindSint:
		return t.Size > 1
	case families.KindArray:
		return multibyte(t.Elem)
	}
	return false
}

func numberOrder(t *families.Type) families.Order {
	if t.Kind == families.KindArray {
		return numberOrder(t.Elem)
	}
	return t.Order
}

// orderOf is the byte order that a C type states; false: it is no number, or of
// one byte.
func orderOf(ctype string) (families.Order, bool) {
	switch t := strings.TrimPrefix(ctype, "const "); t {
	case "__be16", "__be32", "__be64", "__sum16", "struct in_addr":
		return families.OrderBig, true
	case "__le16", "__le32", "__le64":
		return families.OrderLittle, true
	case "__u16", "__u32", "__u64", "__s16", "__s32", "__s64", "int", "unsigned int", "unsigned", "short", "short int",
		"short unsigned int", "unsigned short", "long int", "long unsigned int", "unsigned long", "long long int",
		"long long unsigned int", "__aligned_u64", "uint16_t", "uint32_t", "uint64_t", "int32_t", "int64_t", "u_int16_t",
		"u_int32_t", "u_int64_t", "__kernel_sa_family_t", "sa_family_t", "__kernel_pid_t", "__kernel_uid32_t",
		"__kernel_size_t", "size_t", "__kernel_long_t", "__kernel_ulong_t":
		return families.OrderHost, true
	}
	return 0, strings.HasPrefix(ctype, "enum ")
}
