package capture_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nlsniff/nlsniff/capture"
)

// fill puts something into every text and list below v, each of another length, and
// returns how many bytes that takes.
func fill(v reflect.Value, n *int) (bytes int) {
	switch v.Kind() {
	case reflect.String:
		*n++
		v.SetString(strings.Repeat("x", *n))
		return *n
	case reflect.Slice:
		*n++
		v.Set(reflect.MakeSlice(v.Type(), *n, *n))
		bytes = *n * int(v.Type().Elem().Size())
		for i := range v.Len() {
			bytes += fill(v.Index(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			bytes += fill(v.Field(i), n)
		}
	}
	return bytes
}

// TestSize: whatever a frame can have much of counts, what is added to it later too.
func TestSize(t *testing.T) {
	var f capture.Frame
	n := 0
	if want := fill(reflect.ValueOf(&f).Elem(), &n); f.Size() != want {
		t.Errorf("%d bytes, want %d of %+v", f.Size(), want, f)
	}
}

// TestOwn: nothing that a frame owns changes with what it was copied from.
func TestOwn(t *testing.T) {
	var f capture.Frame
	n := 0
	fill(reflect.ValueOf(&f).Elem(), &n)
	own := f
	own.Own()
	if !reflect.DeepEqual(f, own) {
		t.Errorf("%+v of %+v", own, f)
	}
	f.Delivery.Receivers[0].Process.Comm, f.Delivery.Peer, f.Event.Text = "", 1, ""
	if own.Delivery.Receivers[0].Process.Comm == "" || own.Delivery.Peer == 1 || own.Event.Text == "" {
		t.Errorf("%+v", own)
	}
}
