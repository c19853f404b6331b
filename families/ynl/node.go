package ynl

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxVisits bounds how many YAML nodes are looked at. Aliases let a small file
// stand for a huge one; the largest upstream spec needs some 20,000.
const maxVisits = 1 << 20

// resolve follows an alias and counts the visit; nil says that the file is not
// worth going on with.
func (r *reader) resolve(n *yaml.Node) *yaml.Node {
	r.visits++
	if r.visits > maxVisits {
		if r.visits == maxVisits+1 {
			r.errorf(n, "too much behind aliases")
		}
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// object is a YAML mapping whose keys were checked.
type object struct {
	r    *reader
	node *yaml.Node
	keys map[string]*yaml.Node // where a key stands
	vals map[string]*yaml.Node
}

// object reads a mapping. A key that is not known is reported and skipped.
// For anything else than a mapping it reports an error and returns nil.
func (r *reader) object(n *yaml.Node, what string, known []string) *object {
	n = r.resolve(n)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.errorf(n, "%s should be a mapping", what)
		return nil
	}
	o := &object{r: r, node: n, keys: map[string]*yaml.Node{}, vals: map[string]*yaml.Node{}}
	o.fill(n, what, known, 0)
	return o
}

// maxMerges bounds how deep merge keys (<<) go.
const maxMerges = 8

// fill enters the keys of n; a merged mapping gives way to what is there.
func (o *object) fill(n *yaml.Node, what string, known []string, depth int) {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], o.r.resolve(n.Content[i+1])
		if v == nil {
			return
		}
		if k.Kind == yaml.ScalarNode && k.Tag == "!!merge" {
			merged = append(merged, v)
			continue
		}
		if k.Kind != yaml.ScalarNode {
			o.r.errorf(k, "a key of %s should be a word", what)
			continue
		}
		if !slices.Contains(known, k.Value) {
			o.r.warnf(k, "unknown key %s in %s", quote(k.Value), what)
			continue
		}
		if o.keys[k.Value] != nil {
			if depth == 0 {
				o.r.errorf(k, "%s is there twice", k.Value)
			}
			continue
		}
		o.keys[k.Value] = k
		if !isNull(v) {
			o.vals[k.Value] = v
		}
	}
	for _, m := range merged {
		switch {
		case m.Kind == yaml.MappingNode && depth < maxMerges:
			o.fill(m, what, known, depth+1)
		default:
			o.r.errorf(m, "<< takes a mapping")
		}
	}
}

// over returns o with the values that only base has. The position stays o's.
func (o *object) over(base *object) *object {
	if base == nil {
		return o
	}
	c := &object{r: o.r, node: o.node, keys: map[string]*yaml.Node{}, vals: map[string]*yaml.Node{}}
	for _, src := range []*object{base, o} {
		for k, v := range src.keys {
			c.keys[k] = v
		}
		for k, v := range src.vals {
			c.vals[k] = v
		}
	}
	return c
}

func (o *object) has(key string) bool { return o.vals[key] != nil }

// at returns where key's value stands, or where the mapping does.
func (o *object) at(key string) *yaml.Node {
	if v := o.vals[key]; v != nil {
		return v
	}
	return o.node
}

// text returns a scalar as written.
func (o *object) text(key string) string {
	v := o.vals[key]
	if v == nil {
		return ""
	}
	if v.Kind != yaml.ScalarNode {
		o.r.errorf(v, "%s should be a word", key)
		return ""
	}
	return v.Value
}

// name returns a scalar that serves as a name.
func (o *object) name(key string) string {
	s := o.text(key)
	if s != "" && !validName(s) {
		o.r.errorf(o.at(key), "bad name %s", quote(s))
		return ""
	}
	return s
}

// prose returns a text of some length as one line.
func (o *object) prose(key string) string { return strings.Join(strings.Fields(o.text(key)), " ") }

func (o *object) truth(key string) bool {
	switch s := o.text(key); s {
	case "", "false", "False", "FALSE":
	case "true", "True", "TRUE":
		return true
	default:
		o.r.errorf(o.at(key), "%s should be true or false, not %s", key, quote(s))
	}
	return false
}

// integer returns a number within bounds; ok is false if there is none.
func (o *object) integer(key string, low, high int64) (n int64, ok bool) {
	if !o.has(key) {
		return 0, false
	}
	s := o.text(key)
	n, err := parseInt(s)
	if err != nil {
		o.r.errorf(o.at(key), "%s should be a number, not %s", key, quote(s))
		return 0, false
	}
	if n < low || n > high {
		o.r.errorf(o.at(key), "%s is %d, should be from %d to %d", key, n, low, high)
		return 0, false
	}
	return n, true
}

func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 0, 64) }

// list returns the items of a sequence.
func (o *object) list(key string) []*yaml.Node {
	v := o.vals[key]
	if v == nil {
		return nil
	}
	if v.Kind != yaml.SequenceNode {
		o.r.errorf(v, "%s should be a list", key)
		return nil
	}
	return v.Content
}

// names returns a list of names.
func (o *object) names(key string) []string {
	var out []string
	for _, n := range o.list(key) {
		v := o.r.resolve(n)
		if v == nil {
			return out
		}
		if v.Kind != yaml.ScalarNode || !validName(v.Value) {
			o.r.errorf(v, "%s should be a list of names", key)
			return out
		}
		out = append(out, v.Value)
	}
	return out
}

// objects reads a list of mappings.
func (o *object) objects(key, what string, known []string) []*object {
	var out []*object
	for _, n := range o.list(key) {
		if x := o.r.object(n, what, known); x != nil {
			out = append(out, x)
		}
	}
	return out
}

// child reads a mapping below o; nil if there is none.
func (o *object) child(key string, known []string) *object {
	v := o.vals[key]
	if v == nil {
		return nil
	}
	return o.r.object(v, key, known)
}
