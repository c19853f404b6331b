//go:build linux

package nlmon

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/caps"
)

// Deleting an interface asks for CAP_NET_ADMIN of the process that opened the
// socket and of the one that sends the request (__netlink_ns_capable in
// net/netlink/af_netlink.c). A process that has given up its capabilities
// cannot do it, nor can one that was killed. So a second process does: the
// janitor, this program again under another name, with that one capability,
// a socket in each namespace, and a pipe. When the pipe closes, for whatever
// reason, it undoes what is to be undone and ends.

// janitorName is the janitor's argv[0].
const janitorName = "nlsniff-janitor"

// janitorReady is what the janitor says when it watches the pipe.
const janitorReady = "ready"

// It is the janitor if it was started as one. That is found out here and not in
// main so that it stays small: packages are initialised in the order of their
// paths as what they import is (Go's specification, "Program initialization"),
// this one long before those that fill tables of megabytes, net/… and after.
func init() {
	if len(os.Args) > 0 && os.Args[0] == janitorName {
		runJanitor(os.Args[1:])
		os.Exit(0)
	}
}

// runJanitor is the janitor. Its arguments are one for each interface; file
// descriptors 3 and up are their sockets.
func runJanitor(args []string) {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	_ = os.Chdir("/")
	if err := caps.Keep(caps.Of(unix.CAP_NET_ADMIN)); err != nil && !errors.Is(err, caps.ErrThreads) {
		fmt.Println(err)
		return
	}
	fmt.Println(janitorReady)
	_, _ = io.Copy(io.Discard, os.Stdin)
	for i, arg := range args {
		t, err := parseTap(arg)
		if err == nil {
			c := &conn{fd: 3 + i, buf: make([]byte, 64<<10), seq: uint32(time.Now().Unix())}
			if sa, e := unix.Getsockname(c.fd); e == nil {
				c.portid = sa.(*unix.SockaddrNetlink).Pid
			}
			err = c.undo(t)
		}
		if err != nil {
			fmt.Printf("%s: %v\n", t.name, err)
		}
	}
}

// tapArg is a tap as the janitor's argument.
func tapArg(t tap) string {
	what := "down"
	if t.created {
		what = "delete"
	}
	return what + ":" + strconv.Itoa(t.index) + ":" + t.name
}

func parseTap(s string) (t tap, err error) {
	w := strings.SplitN(s, ":", 3)
	if len(w) != 3 {
		return t, fmt.Errorf("odd argument %q", s)
	}
	t.created, t.raised, t.name = w[0] == "delete", w[0] == "down", w[2]
	t.index, err = strconv.Atoi(w[1])
	return t, err
}

// janitor is the running janitor as its parent sees it.
type janitor struct {
	list []tap
	cmd  *exec.Cmd
	pipe *os.File
	said *bufio.Scanner
}

// chore is one interface for the janitor.
type chore struct {
	tap
	rtnl *conn
}

func taps(list []chore) (out []tap) {
	for _, c := range list {
		out = append(out, c.tap)
	}
	return out
}

// left are the interfaces that a janitor that was killed has not removed.
func (j *janitor) left() (names []string) {
	for _, t := range j.list {
		if t.created {
			names = append(names, t.name)
		}
	}
	return names
}

// LeftError says that the janitor was killed.
type LeftError struct {
	Names []string // of interfaces that stay
	err   error
}

func (e *LeftError) Error() string {
	return "the process that was to remove " + strings.Join(e.Names, " and ") + " was killed"
}
func (e *LeftError) Unwrap() error { return e.err }

// startJanitor starts a janitor. It takes over the chores' sockets and claims.
func startJanitor(list []chore) (*janitor, error) {
	in, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{janitorName}
	cmd.Stdin = in
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid: true, // the terminal's Ctrl-C is not for it
		// Unless it is root's or has file capabilities, a new program would
		// start without any.
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN},
	}
	for _, c := range list {
		cmd.Args = append(cmd.Args, tapArg(c.tap))
		cmd.ExtraFiles = append(cmd.ExtraFiles, os.NewFile(uintptr(c.rtnl.fd), "rtnetlink"))
	}
	for _, c := range list {
		if c.claim >= 0 {
			cmd.ExtraFiles = append(cmd.ExtraFiles, os.NewFile(uintptr(c.claim), "claim"))
		}
	}
	defer func() {
		for _, f := range cmd.ExtraFiles {
			f.Close()
		}
	}()
	out, err := cmd.StdoutPipe()
	if err != nil {
		pipe.Close()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		pipe.Close()
		return nil, fmt.Errorf("starting the process that removes the interface: %w", err)
	}
	j := &janitor{list: taps(list), cmd: cmd, pipe: pipe, said: bufio.NewScanner(out)}
	if !j.said.Scan() || j.said.Text() != janitorReady {
		reason := j.said.Text()
		pipe.Close()
		_ = cmd.Wait()
		return nil, fmt.Errorf("the process that removes the interface did not start: %s", reason)
	}
	return j, nil
}

// finish lets the janitor do its work and waits for it.
func (j *janitor) finish() error {
	j.pipe.Close()
	var failed []string
	for j.said.Scan() {
		failed = append(failed, j.said.Text())
	}
	err := j.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if left := j.left(); len(left) > 0 {
			return &LeftError{Names: left, err: err}
		}
		return nil
	}
	if len(failed) > 0 {
		return fmt.Errorf("cleaning up: %s", strings.Join(failed, ", "))
	}
	return err
}
