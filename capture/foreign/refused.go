package foreign

import "strings"

// hintTrace says what shows whole messages of a program.
const hintTrace = "nlsniff trace -- COMMAND shows whole messages, and so does strace -f -ttt -yy -e trace=%network -e read=all -e write=all COMMAND"

// lookRefused recognises what tells of messages too little to make them of it
// again.
func lookRefused(_ *Options, head []byte, ended bool) (verdict, error) {
	if !isText(head) {
		return no, nil
	}
	var err error
	before := ""
	eachLine(head, ended, func(line string) bool {
		line = strings.TrimSpace(unquote(line))
		switch {
		case strings.HasPrefix(line, "|") && strings.HasSuffix(line, "| message length |") && strings.HasPrefix(before, "--------"):
			// mnl_nlmsg_fprintf of libmnl: of the flags four letters are left.
			err = &RefusedError{"what nft --debug=mnl and other users of libmnl print leaves out most flags of a message", hintTrace}
		case strings.HasPrefix(line, "<pdml "):
			err = &RefusedError{"tshark -T pdml has no whole frames", "tshark -x and tshark -T jsonraw have them, and so does the capture itself"}
		case strings.Contains(line, "BEGIN NETLINK MESSAGE"):
			// nl_msg_dump of libnl: names for numbers, nla_type without its flags.
			err = &RefusedError{"what NLCB=debug has libnl print leaves out flags of attributes", hintTrace}
		}
		before = line
		return err == nil
	})
	if err != nil {
		return no, err
	}
	if ended {
		return no, nil
	}
	return maybe, nil
}
