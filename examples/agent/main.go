// Agent says of each request that the kernel refuses who made it, and why. It
// listens to the kernel, or reads a capture.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"

	"github.com/nlsniff/nlsniff"
	"github.com/nlsniff/nlsniff/capture"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	src, err := open(args)
	if err != nil {
		return err
	}
	defer src.Close()
	d, err := nlsniff.NewDecoder()
	if err != nil {
		return err
	}
	for x, err := range d.Exchanges(ctx, src) {
		if err != nil {
			return err
		}
		if err := x.Err(); err != nil {
			p := x.Joined.Process
			fmt.Fprintf(w, "%s[%d] %v (%s)\n", p.Comm, p.PID, err, strings.Join(x.Why(), "; "))
		}
	}
	return nil
}

func open(args []string) (capture.Source, error) {
	if len(args) > 0 {
		return nlsniff.OpenFile(args[0])
	}
	return nlsniff.OpenLive(nlsniff.LiveOptions{})
}
