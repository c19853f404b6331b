package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/craft"
	"github.com/nlsniff/nlsniff/encode"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/replay"
)

// messages makes the requests: the messages of each datagram.
func (r *crafting) messages(c *cobra.Command, args []string) ([][]*encode.Message, error) {
	enc := encode.New(r.db)
	opt := encode.Options{Big: bigEndian, FamilyID: r.familyID, IfIndex: r.ifIndex}
	if r.flags.json == "" {
		m, n, err := craft.Find(r.db, args)
		if err != nil {
			return nil, &hintError{err: err, hint: "nlsniff families lists families, nlsniff families NAME their requests"}
		}
		v := craft.New(m, r.flags.flags)
		for _, w := range args[n:] {
			if err := craft.Assign(v, m, w); err != nil {
				return nil, hinted(err)
			}
		}
		opt.Whole = true
		msg, err := enc.Encode(v, opt)
		if err != nil {
			return nil, hinted(err)
		}
		return [][]*encode.Message{craft.Batch(msg)}, nil
	}
	in := c.InOrStdin()
	if r.flags.json != "-" {
		file, err := os.Open(r.flags.json)
		if err != nil {
			return nil, withHint(r.flags.json, err)
		}
		defer file.Close()
		in = file
	}
	list, err := encode.Parse(in)
	if err != nil {
		return nil, &hintError{err: fmt.Errorf("%s: %w", r.flags.json, err), hint: "it takes what nlsniff read -T json --full prints"}
	}
	var out [][]*encode.Message
	batch := false
	for i, v := range list {
		if d := v.Get("direction"); d != nil && d.Text == "from_kernel" || v.Get("event") != nil {
			continue
		}
		msg, err := enc.Encode(v, opt)
		if err != nil {
			return nil, fmt.Errorf("%s: object %d: %w", r.flags.json, i+1, err)
		}
		if batch && len(out) > 0 && msg.Protocol == families.ProtoNetfilter {
			out[len(out)-1] = append(out[len(out)-1], msg)
		} else {
			out = append(out, []*encode.Message{msg})
		}
		if msg.Protocol == families.ProtoNetfilter && len(msg.Data) >= 16 {
			switch binary.NativeEndian.Uint16(msg.Data[4:]) {
			case unix.NFNL_MSG_BATCH_BEGIN:
				batch = true
			case unix.NFNL_MSG_BATCH_END:
				batch = false
			}
		}
	}
	if len(out) == 0 {
		return nil, &hintError{err: fmt.Errorf("%s: no requests", r.flags.json), hint: "choose some: nlsniff read -T json --full -Y 'nlmsg.flags.request == 1' FILE"}
	}
	return out, nil
}

// hinted moves the hint within an error to its end; one without gets another.
func hinted(err error) error {
	s := err.Error()
	hint := "nlsniff fields lists names, NAME=VALUE gives one a value"
	if at := strings.Index(s, " (hint: "); at >= 0 && strings.HasSuffix(s, ")") {
		s, hint = s[:at], s[at+len(" (hint: "):len(s)-1]
	}
	return &hintError{err: errors.New(s), hint: hint}
}

// unknownFamily stands for the id of a generic family that is not there yet: its
// module may be loaded when the request is sent.
const unknownFamily = 0xfff

func (r *crafting) familyID(name string) uint16 {
	if id := r.ids[name]; id != 0 {
		return id
	}
	return unknownFamily
}

// ifIndex knows the interfaces of the place where requests go: a fresh namespace
// has lo alone.
func (r *crafting) ifIndex(name string) uint32 {
	switch {
	case r.flags.netns != "":
		return r.links[name]
	case r.flags.here:
		if i, err := net.InterfaceByName(name); err == nil {
			return uint32(i.Index)
		}
	case name == "lo":
		return 1
	}
	return 0
}

// plan makes the plan, with the variants if there are to be some, and says what
// is questionable. whats has a text for each request.
func (r *crafting) plan(groups [][]*encode.Message) (*replay.Plan, []string) {
	p := &replay.Plan{LoopbackUp: true}
	var whats []string
	said := map[string]bool{}
	warn := func(source string, list []string) {
		for _, s := range list {
			if line := source + s; !said[line] {
				said[line] = true
				fmt.Fprintln(r.stderr, "nlsniff: warning:", line)
			}
		}
	}
	for _, g := range groups {
		var data []byte
		for _, m := range g {
			warn("", craft.Check(r.db, m))
			warn("the kernel's policy: ", craft.CheckPolicy(r.policy(m), m))
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
			data = append(data, m.Data...)
		}
		if !r.flags.fuzzing {
			r.add(p, g, data)
			whats = append(whats, name(g[len(g)/2]))
			continue
		}
		for _, m := range g { // a batch stays one around the message that varies
			for _, v := range craft.Fuzz(r.db, r.policy(m), m, r.flags.fuzz, r.flags.n) {
				var data []byte
				for _, x := range g {
					b := x.Data
					if x == m {
						b = v.Data
					}
					for len(data)%4 != 0 {
						data = append(data, 0)
					}
					data = append(data, b...)
				}
				r.add(p, g, data)
				whats = append(whats, v.What)
			}
		}
	}
	return p, whats
}

func name(m *encode.Message) string {
	if m.Desc != nil {
		return m.Desc.Name
	}
	return families.ProtocolName(m.Protocol)
}

// policy is what the running kernel says of a message's family, nil if nothing.
func (r *crafting) policy(m *encode.Message) *families.Family {
	if r.reg == nil || m.Genl == "" || r.ids[m.Genl] == 0 {
		return nil
	}
	return r.reg.Describe(m.Genl)
}

// add puts a datagram into the plan.
func (r *crafting) add(p *replay.Plan, g []*encode.Message, data []byte) {
	proto := g[0].Protocol
	s := slices.IndexFunc(p.Sockets, func(s replay.Socket) bool { return s.Proto == proto })
	if s < 0 {
		s = len(p.Sockets)
		p.Sockets = append(p.Sockets, replay.Socket{Proto: proto})
	}
	q := replay.Request{Socket: s, Data: slices.Clone(data), Options: capture.OptKnown | capture.OptExtAck, Op: name(g[len(g)/2])}
	if !r.flags.loose {
		q.Options |= capture.OptStrictChk
	}
	off := 0
	for i := range g {
		if off+16 > len(q.Data) {
			break
		}
		size := int(binary.NativeEndian.Uint32(q.Data[off:]))
		flags := binary.NativeEndian.Uint16(q.Data[off+6:])
		q.Answers = append(q.Answers, flags&(unix.NLM_F_ACK|unix.NLM_F_DUMP) != 0 || g[i].Desc != nil && g[i].Desc.Class == families.ClassGet)
		if r.flags.json == "" { // so that answers can be told apart
			binary.NativeEndian.PutUint32(q.Data[off+8:], uint32(len(p.Requests)*len(g)+i+1))
		}
		if id := g[i].Genl; id != "" && id != "nlctrl" {
			q.Rewrites = append(q.Rewrites, replay.Rewrite{Kind: replay.RewriteFamily, Off: off + 4, Size: 2, Big: bigEndian, Value: uint64(r.familyID(id)), Name: id, Field: "nlmsg_type"})
		}
		off += (max(size, 16) + 3) &^ 3
	}
	p.Requests = append(p.Requests, q)
}
