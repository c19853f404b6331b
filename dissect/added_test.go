package dissect_test

import (
	"sync"
	"testing"

	"github.com/nlsniff/nlsniff/dissect"
	"github.com/nlsniff/nlsniff/families"
)

// TestAddedLate: a description that comes after its first message was met counts
// for those behind it, of a generic family and of a classic protocol, and may
// come while others decode.
func TestAddedLate(t *testing.T) {
	db := families.Embedded()
	d := dissect.New(db)
	ids := &families.Registry{}
	ids.Learn(0, 40, "lamp")
	frame := func(d *dissect.Dissector, proto byte, msg ...byte) *dissect.Msg {
		data := append([]byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, proto}, msg...)
		return &d.Frame(&dissect.Input{Number: 1, Data: data, OrigLen: len(data), IDs: ids}).Msgs[0]
	}
	genl := []byte{20, 0, 0, 0, 40, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 0, 0}
	route := []byte{16, 0, 0, 0, 0xff, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for range 2 {
		if a, b := frame(d, 16, genl...), frame(d, 0, route...); a.Message != nil || b.Message != nil {
			t.Fatal("nobody has described them")
		}
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Add(1)
	go func() {
		defer wg.Done()
		for other := dissect.New(db); ; {
			select {
			case <-stop:
				return
			default:
				frame(other, 0, route...)
			}
		}
	}()
	for name, text := range map[string]string{
		"lamp.spec": "family lamp\ngenl lamp version 1\n\nattrs lamp LAMP_A_\n  1 LAMP_A_X u32\n\nbody lamp\n  attrs lamp\n\nmessages LAMP_CMD_\n  7 LAMP_CMD_SET lamp\n",
		"rt-x.spec": "family rt-x\nprotocol NETLINK_ROUTE\n\nattrs x X_A_\n  1 X_A_X u32\n\nbody x\n  attrs x\n\nmessages RTM_\n  255 RTM_X x\n",
	} {
		f, err := families.ParseSpec(name, text, db.Load)
		if err != nil {
			t.Fatal(err)
		}
		db.Add(f, false)
	}
	close(stop)
	wg.Wait()
	if a := frame(d, 16, genl...); a.Message == nil || a.Message.Name != "LAMP_CMD_SET" {
		t.Errorf("the generic message is %+v", a.Message)
	}
	if b := frame(d, 0, route...); b.Message == nil || b.Message.Name != "RTM_X" {
		t.Errorf("the message is %+v", b.Message)
	}
}

// TestNoDescriptions: nil stands for the descriptions that nlsniff comes with.
func TestNoDescriptions(t *testing.T) {
	data := []byte{0, 4, 3, 0x38, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if m := dissect.New(nil).Frame(&dissect.Input{Data: data, OrigLen: len(data)}).Msgs[0]; m.Message == nil || m.Message.Name != "RTM_NEWLINK" {
		t.Errorf("%+v", m.Message)
	}
}
