package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/nlsniff/nlsniff/internal/policy"
)

// Numbers of linux/genetlink.h.
const (
	ctrlVersion    = 2
	ctrlNewFamily  = unix.CTRL_CMD_NEWFAMILY
	ctrlDelFamily  = unix.CTRL_CMD_DELFAMILY
	ctrlGetFamily  = unix.CTRL_CMD_GETFAMILY
	ctrlGetPolicy  = 10 // CTRL_CMD_GETPOLICY
	ctrlFamilyID   = unix.CTRL_ATTR_FAMILY_ID
	ctrlFamilyName = unix.CTRL_ATTR_FAMILY_NAME
)

// answerTimeout is how long the kernel may take: looking for a name can load
// a module.
const answerTimeout = 10 * time.Second

// Message is a netlink message as it went over a socket, header included, in
// host byte order.
type Message struct {
	ToKernel bool
	Data     []byte
}

// client is a socket of ours to the controller.
type client struct {
	conn   *genetlink.Conn
	portid uint32
}

func dial() (*client, error) {
	conn, err := genetlink.Dial(nil)
	if err != nil {
		return nil, fmt.Errorf("generic netlink socket: %w", err)
	}
	c := &client{conn: conn}
	raw, err := conn.SyscallConn()
	if err == nil {
		err = errors.Join(raw.Control(func(fd uintptr) {
			if sa, e := unix.Getsockname(int(fd)); e == nil {
				c.portid = sa.(*unix.SockaddrNetlink).Pid
			}
		}))
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("generic netlink socket: %w", err)
	}
	return c, nil
}

// ask sends a request to the controller and returns the attributes of each
// answer. talk is all that was said.
func (c *client) ask(cmd uint8, flags netlink.HeaderFlags, attrs []byte) (answers [][]byte, talk []Message, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return nil, nil, err
	}
	sent, err := c.conn.Send(genetlink.Message{Header: genetlink.Header{Command: cmd, Version: ctrlVersion}, Data: attrs},
		unix.GENL_ID_CTRL, netlink.Request|flags)
	if err != nil {
		return nil, nil, err
	}
	talk = appendMessage(talk, true, sent)
	got, raw, err := c.conn.Receive()
	if err != nil {
		return nil, talk, err
	}
	for i, m := range got {
		if i < len(raw) && (raw[i].Header.Sequence != sent.Header.Sequence || raw[i].Header.Type != unix.GENL_ID_CTRL) {
			continue
		}
		answers = append(answers, m.Data)
	}
	for _, m := range raw {
		talk = appendMessage(talk, false, m)
	}
	return answers, talk, nil
}

func appendMessage(talk []Message, toKernel bool, m netlink.Message) []Message {
	b, err := m.MarshalBinary()
	if err != nil {
		return talk
	}
	return append(talk, Message{toKernel, b})
}

func idAttr(id uint16) []byte {
	b, _ := netlink.MarshalAttributes([]netlink.Attribute{{Type: ctrlFamilyID, Data: binary.NativeEndian.AppendUint16(nil, id)}})
	return b
}

// families asks which families there are.
func (c *client) families() ([]*policy.Family, error) {
	answers, _, err := c.ask(ctrlGetFamily, netlink.Dump, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for the generic families: %w", err)
	}
	return learnEach(answers), nil
}

// family asks what an id is. Nil means that no family has it.
func (c *client) family(id uint16) (*policy.Family, []Message, error) {
	answers, talk, err := c.ask(ctrlGetFamily, 0, idAttr(id))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOENT) {
		return nil, talk, nil
	}
	if err != nil {
		return nil, talk, fmt.Errorf("asking for generic family %d: %w", id, err)
	}
	if fams := learnEach(answers); len(fams) > 0 {
		return fams[0], talk, nil
	}
	return nil, talk, nil
}

// policies adds what the kernel checks of a family's requests. Kernels before
// 5.7 do not tell.
func (c *client) policies(f *policy.Family) ([]Message, error) {
	answers, talk, err := c.ask(ctrlGetPolicy, netlink.Dump, idAttr(f.ID))
	if err != nil {
		return talk, fmt.Errorf("asking for the policies of %s: %w", f.Name, err)
	}
	for _, a := range answers {
		name := f.Name
		f.Learn(a, binary.NativeEndian)
		f.Name = name
	}
	return talk, nil
}

func learnEach(answers [][]byte) []*policy.Family {
	var out []*policy.Family
	for _, a := range answers {
		f := &policy.Family{}
		f.Learn(a, binary.NativeEndian)
		if f.Name != "" {
			out = append(out, f)
		}
	}
	return out
}

// maxTogether is how many bytes of answers stand together, as in a datagram of
// the kernel's.
const maxTogether = 16 << 10

// together joins answers that follow one another.
func together(talk []Message) (out []Message) {
	for _, m := range talk {
		if n := len(out) - 1; n >= 0 && !m.ToKernel && !out[n].ToKernel && len(out[n].Data)+len(m.Data) <= maxTogether {
			for len(out[n].Data)%4 != 0 {
				out[n].Data = append(out[n].Data, 0)
			}
			out[n].Data = append(out[n].Data, m.Data...)
			continue
		}
		out = append(out, m)
	}
	return out
}
