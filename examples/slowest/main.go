// Slowest writes the exchanges of a capture as CSV: an output of one's own.
package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"log"
	"os"
	"slices"
	"strconv"

	"github.com/nlsniff/nlsniff"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: slowest FILE")
	}
	if err := run(os.Stdout, os.Args[1], 10); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, file string, most int) error {
	src, err := nlsniff.OpenFile(file)
	if err != nil {
		return err
	}
	defer src.Close()
	d, err := nlsniff.NewDecoder()
	if err != nil {
		return err
	}
	var list []*nlsniff.Exchange
	for x, err := range d.Exchanges(context.Background(), src) {
		if err != nil {
			return err
		}
		if _, ok := x.Latency(); ok {
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(a, b *nlsniff.Exchange) int {
		x, _ := a.Latency()
		y, _ := b.Latency()
		return cmp.Compare(y, x)
	})
	out := csv.NewWriter(w)
	_ = out.Write([]string{"exchange", "operation", "state", "microseconds"})
	for _, x := range list[:min(most, len(list))] {
		took, _ := x.Latency()
		_ = out.Write([]string{strconv.FormatUint(x.Joined.ID, 10), x.Name(), x.Joined.State.String(), strconv.FormatInt(took.Microseconds(), 10)})
	}
	out.Flush()
	return out.Error()
}
