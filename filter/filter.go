package filter

import (
	"github.com/nlsniff/nlsniff/families"
)

// Filter is a compiled expression. It never changes; goroutines share it.
type Filter struct {
	src  string
	expr expr
	env  *Env
	root test
	need Need
	bufs int // how many terms have values at a time
	// families and links are set if the answer depends on the names of generic
	// families or of interfaces, earlier if on requests in frames before, place
	// if on where in the capture the frame is, process if on who sent it.
	families, links, earlier, place, process bool
}

// Compile reads an expression. The error is an *Error.
func Compile(src string, env *Env) (*Filter, error) {
	e, err := parse(src)
	if err != nil {
		return nil, err
	}
	const long = 500 // bytes: so many names are looked up best in one table
	if len(src) > long {
		env.everything()
	}
	c := &compiler{env: env, f: &Filter{src: src, expr: e, env: env}, core: coreFields(env)}
	if c.f.root, err = c.expr(e); err != nil {
		err.Expr = src
		return nil, err
	}
	return c.f, nil
}

// String returns the expression as it would be written without shorthands.
func (f *Filter) String() string { return text(f.expr) }

// Needs says how much of a frame the filter asks for.
func (f *Filter) Needs() Need { return f.need }

// NeedsNames says whether the answer depends on what the capture calls generic
// families and interfaces: if not, nothing has to be learned from it.
func (f *Filter) NeedsNames() bool { return f.families || f.links || f.need > NeedAttrs }

// Local says whether the answer for a frame depends on nothing but the frame
// and the names of generic families.
func (f *Filter) Local() bool {
	return f.need <= NeedAttrs && !f.links && !f.place && !f.process && !f.earlier
}

// coreFields are the members of the headers that every message has.
func coreFields(env *Env) map[*families.Field]bool {
	core := map[*families.Field]bool{}
	f, err := env.db.Load("netlink")
	if err != nil {
		return core
	}
	for _, d := range f.Fields() {
		core[d.Field] = true
	}
	return core
}
