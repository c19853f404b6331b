// The program vm runs a command as root on an installed kernel, in a virtual
// machine that sees this machine's files and cannot change them:
//
//	go run ./internal/vmtest/vm -kernel 6.12 -modules nlmon,dummy -out /tmp/out -- tcpdump --version
//
// What the command writes to /run/out is in the folder of -out.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/nlsniff/nlsniff/internal/machine"
	"github.com/nlsniff/nlsniff/internal/vmtest"
)

func main() {
	version := flag.String("kernel", vmtest.Kernels[0], "version of an installed kernel")
	modules := flag.String("modules", "", "modules to load first, with commas between them")
	out := flag.String("out", "", "folder that is /run/out in the machine")
	memory := flag.Int("memory", 1024, "memory of the machine in MiB")
	counted := flag.Bool("counted", false, "the machine's time is the number of its instructions, so that what is measured does not depend on what else runs here")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: vm [-kernel VERSION] [-modules A,B] [-out DIR] [-memory MIB] [-counted] -- COMMAND [ARG]...")
		os.Exit(2)
	}
	status, err := run(*version, *modules, *out, *memory, *counted, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

func run(version, modules, out string, memory int, counted bool, args []string) (int, error) {
	k, err := machine.FindKernel("/", version)
	if err != nil {
		return 0, err
	}
	if out == "" {
		if out, err = os.MkdirTemp("", "vm"); err != nil {
			return 0, err
		}
		defer os.RemoveAll(out)
	}
	wd, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	c := machine.Command{Args: args, Dir: wd, Out: out, Memory: memory, Counted: counted, Say: func(text string) { fmt.Fprintln(os.Stderr, "vm:", text) }}
	if modules != "" {
		c.Modules = strings.Split(modules, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return machine.Boot(ctx, k, c, os.Stdout)
}
