// Family decodes the messages of a generic family that nobody else describes.
package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"os"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff"
)

const spec = `
family lamp
genl lamp version 1

enum mode LAMP_MODE_
  0 LAMP_MODE_STEADY
  1 LAMP_MODE_BLINK

attrs lamp LAMP_A_
  1 LAMP_A_BRIGHTNESS u32
  2 LAMP_A_MODE u8 mode

body lamp
  attrs lamp

messages LAMP_CMD_
  1 LAMP_CMD_SET lamp
`

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: family HEX")
	}
	if err := run(os.Stdout, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, text string) error {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	d, err := nlsniff.NewDecoder(nlsniff.WithSpec("lamp.spec", spec), nlsniff.WithFamily(40, "lamp"))
	if err != nil {
		return err
	}
	for _, m := range d.Bytes(unix.NETLINK_GENERIC, nlsniff.ToKernel, raw).Messages {
		fmt.Fprintln(w, m.Name(), m.Attr("brightness").Any(), m.Attr("LAMP_A_MODE"))
	}
	return nil
}
