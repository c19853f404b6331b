package pcapng

import (
	"encoding/binary"
	"testing"
)

func TestNativeOrderIsDefault(t *testing.T) {
	if got := endianOf(nil).order().Uint16([]byte{1, 0}); got != binary.NativeEndian.Uint16([]byte{1, 0}) {
		t.Errorf("nil is not the order of this machine")
	}
}
