package main

import (
	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/render"
)

// redactor puts zeros in place of the bytes of frames that would be hidden.
type redactor struct {
	session *dissect.Session
	d       *dissect.Dissector
	event   render.Event
	data    []byte
}

func newRedactor(db *families.DB, order dissect.OrderOption) *redactor {
	r := &redactor{session: dissect.NewSession(order), d: dissect.New(db)}
	r.session.DB = db
	return r
}

// frame changes what f shows of its data; the data itself belongs to the source.
func (r *redactor) frame(f *capture.Frame) {
	if f.Event != nil {
		return
	}
	in := dissect.Input{Number: f.Number, Data: f.Data, OrigLen: f.OrigLen, Dir: dissect.Dir(f.Dir)}
	r.session.Prepare(&in, f.Stream())
	r.event.Tree = r.d.Frame(&in)
	secrets := render.Secrets(render.Options{}, &r.event)
	if len(secrets) == 0 {
		return
	}
	r.data = append(r.data[:0], f.Data...)
	for _, s := range secrets {
		clear(r.data[max(s.From, 0):min(s.To, len(r.data))])
	}
	f.Data = r.data
}
