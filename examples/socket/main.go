// Socket asks the kernel for the loopback interface and prints what is said on
// the socket.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff"
)

func main() {
	if err := run(os.Stdout, "lo"); err != nil {
		log.Fatal(err)
	}
}

func run(w io.Writer, name string) error {
	d, err := nlsniff.NewDecoder()
	if err != nil {
		return err
	}
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(s)

	// struct nlmsghdr, struct ifinfomsg, IFLA_IFNAME of up to 15 bytes.
	request := make([]byte, 16+16+20)
	request[0], request[4], request[6], request[8] = byte(len(request)), unix.RTM_GETLINK, unix.NLM_F_REQUEST, 1
	request[32], request[34] = 20, unix.IFLA_IFNAME
	copy(request[36:51], name)
	fmt.Fprintln(w, d.Bytes(unix.NETLINK_ROUTE, nlsniff.ToKernel, request).Messages[0].Name(), name)
	if err := unix.Sendto(s, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 64<<10)
	n, _, err := unix.Recvfrom(s, answer, 0)
	if err != nil {
		return err
	}
	for _, m := range d.Bytes(unix.NETLINK_ROUTE, nlsniff.FromKernel, answer[:n]).Messages {
		if err := m.Err(); err != nil {
			return err
		}
		fmt.Fprintln(w, m.Name(), m.Attr("IFLA_IFNAME").Any(), "mtu", m.Attr("IFLA_MTU").Any())
	}
	return nil
}
