package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/families"
	"github.com/nlsniff/nlsniff/families/ynl"
)

// The variable that tells this program that it is to run a plan: "here",
// "netns:NAME", or "files:FOLDER", where plan and result are files.
const childVar = "NLSNIFF_REPLAY_IN"

// Namespace is a fresh user and network namespace for each run. It takes no
// privileges, and what happens there cannot reach what is outside of it.
type Namespace struct{}

// Netns is an existing network namespace: one of "ip netns", or a path.
type Netns struct{ Name string }

// Here is the network namespace of this process.
type Here struct{}

// ErrNoNamespace says that the machine does not let this user make user
// namespaces.
var ErrNoNamespace = errors.New("no user namespace can be made here")

// Run runs a plan.
func (Namespace) Run(ctx context.Context, p *Plan) (*Result, error) {
	attr := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	r, err := child(ctx, p, "here", attr)
	if errors.Is(err, unix.EPERM) && os.Getuid() == 0 {
		// Root that gave up CAP_SETFCAP may not be mapped (verify_root_map in
		// kernel/user_namespace.c). It is nobody in there, with capabilities.
		attr.UidMappings, attr.GidMappings = nil, nil
		attr.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW, unix.CAP_SYS_ADMIN}
		r, err = child(ctx, p, "here", attr)
	}
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EUSERS) {
		return nil, fmt.Errorf("%w (%v)", ErrNoNamespace, err)
	}
	return r, err
}

// Run runs a plan.
func (n Netns) Run(ctx context.Context, p *Plan) (*Result, error) {
	return child(ctx, p, "netns:"+n.Name, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL})
}

// Interfaces are the indexes of a namespace's interfaces by their names.
func (n Netns) Interfaces() (map[string]uint32, error) {
	type found struct {
		index map[string]uint32
		err   error
	}
	c := make(chan found)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends in that namespace
		if err := enter(n.Name); err != nil {
			c <- found{err: err}
			return
		}
		list, err := net.Interfaces()
		out := map[string]uint32{}
		for _, x := range list {
			out[x.Name] = uint32(x.Index)
		}
		c <- found{out, err}
	}()
	f := <-c
	return f.index, f.err
}

// Run runs a plan.
func (Here) Run(ctx context.Context, p *Plan) (*Result, error) {
	return child(ctx, p, "here", &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL})
}

// child runs a plan in a process of its own, which is this program again.
func child(ctx context.Context, p *Plan, where string, attr *syscall.SysProcAttr) (*Result, error) {
	plan, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	// The parent's death is the death of the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), childVar+"="+where)
	cmd.Stdin = bytes.NewReader(plan)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.SysProcAttr = attr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if err := cmd.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if s := strings.TrimSpace(complaint.String()); s != "" {
			return nil, errors.New(s)
		}
		return nil, err
	}
	return decode(out.Bytes())
}

func decode(b []byte) (*Result, error) {
	r := new(Result)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("what the replaying process said is no result: %w", err)
	}
	return r, nil
}

// Child runs a plan if this process was started for that, and ends it then.
// Programs that use a Place call it first.
func Child() {
	where, ok := os.LookupEnv(childVar)
	if !ok {
		return
	}
	os.Unsetenv(childVar)
	if err := serve(where); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(where string) error {
	runtime.LockOSThread()
	if name, ok := strings.CutPrefix(where, "netns:"); ok {
		if err := enter(name); err != nil {
			return err
		}
	}
	in, out := os.Stdin, os.Stdout
	if dir, ok := strings.CutPrefix(where, "files:"); ok {
		var err error
		if in, err = os.Open(filepath.Join(dir, "plan")); err != nil {
			return err
		}
		if out, err = os.Create(filepath.Join(dir, "result")); err != nil {
			return err
		}
	}
	p := new(Plan)
	if err := json.NewDecoder(in).Decode(p); err != nil {
		return err
	}
	db, err := descriptions(p.Specs)
	if err != nil {
		return err
	}
	r, err := RunAsking(context.Background(), p, db)
	if err != nil {
		return err
	}
	// A virtual machine's folder is slow: one write.
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err = out.Write(b); err != nil {
		return err
	}
	return out.Close()
}

// descriptions are the embedded ones, and those in files and folders.
func descriptions(specs []string) (*families.DB, error) {
	db := families.Embedded()
	for _, path := range specs {
		list, _, err := ynl.LoadPath(path, db.Load)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			db.Add(f, false)
		}
	}
	return db, nil
}

// enter moves this thread into a network namespace.
func enter(name string) error {
	path := name
	if !strings.Contains(name, "/") {
		path = filepath.Join("/run/netns", name)
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("network namespace %s: %w", name, err)
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("network namespace %s: %w", name, err)
	}
	return nil
}
