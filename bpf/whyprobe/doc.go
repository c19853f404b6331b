// Package whyprobe holds the programs that run in the kernel to find where it
// refuses a request, compiled, with their loaders. The C source is
// why.bpf.c; bpf2go makes the rest.
//
// Stability: v0, a part of nlsniff's own; it may change in any version.
package whyprobe

// Three objects are made of the one source, since the kernel's functions for
// probe sessions changed: Session for 6.10 and later, SessionCtx for the
// kernels where they take the context, and Plain for those without sessions.
//
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -go-package whyprobe -target amd64 -cflags "-O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu -DSESSION=1" Session why.bpf.c
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -go-package whyprobe -target amd64 -cflags "-O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu -DSESSION=2" SessionCtx why.bpf.c
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -go-package whyprobe -target amd64 -cflags "-O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu" Plain why.bpf.c
