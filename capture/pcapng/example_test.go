package pcapng_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"

	"github.com/nlsniff/nlsniff/capture"
	"github.com/nlsniff/nlsniff/capture/pcapng"
)

// How many bytes each netlink protocol has in a capture.
func ExampleOpen() {
	r, err := pcapng.Open("../../testdata/pcaps/wireguard.pcap", pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	bytesOf := map[byte]int{}
	var f capture.Frame
	for {
		err := r.Next(&f)
		var damage *capture.CorruptError
		switch {
		case errors.As(err, &damage):
			continue // it says what is damaged, and reading goes on behind it
		case err == io.EOF:
			fmt.Println("route:", bytesOf[0], "generic:", bytesOf[16])
			return
		case err != nil:
			log.Fatal(err)
		}
		bytesOf[f.Data[15]] += len(f.Data) - capture.CookedLen
	}
	// Output:
	// route: 12572 generic: 30744
}

// A file with the large frames of another.
func ExampleNewWriter() {
	r, err := pcapng.Open("../../testdata/pcaps/wireguard.pcap", pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer r.Close()
	var file bytes.Buffer // or an *os.File
	w := pcapng.NewWriter(&file, pcapng.Section{
		UserAppl: "example", Interfaces: []pcapng.Interface{{LinkType: capture.LinkTypeNetlink, Name: "nlmon0"}},
	})
	var f capture.Frame
	for r.Next(&f) == nil {
		if len(f.Data) < 1000 {
			continue
		}
		f.Section, f.Interface = 0, 0
		if err := w.Write(&f); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}

	copied, err := pcapng.NewReader(&file, pcapng.Options{})
	if err != nil {
		log.Fatal(err)
	}
	n := 0
	for copied.Next(&f) == nil {
		n++
	}
	fmt.Println(n, "frames")
	// Output:
	// 8 frames
}
