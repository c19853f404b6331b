package replay

import (
	"slices"
	"strings"
)

// because explains a different outcome from what it is, where one thing mostly is
// the reason.
func because(x *Compared) string {
	if !x.OtherOutcome() {
		for _, d := range x.Differs {
			if d.What == "replies" {
				return "what there is to list differs from where it was captured"
			}
		}
		return ""
	}
	if x.Expected.Inferred && x.Got.Errno != 0 {
		return "the capture has no answer: it was taken to have been done as nothing says otherwise, and a refusal may have been lost"
	}
	if x.Family == "iscsi" {
		return "its requests name transports and connections by addresses in the kernel, which sysfs tells and which are others here, and a session needs its target"
	}
	if x.Got.Outcome == "unanswered" {
		return "the kernel did not answer in time"
	}
	text := strings.ToLower(x.Got.Text)
	switch e := x.Got.Error; {
	case x.Family == "nlctrl" && e == "ENOENT":
		return "this kernel has no such generic family: no module, or it is not in network namespaces"
	case e == "IPSET_ERR_FIND_TYPE" || e == "IPSET_ERR_TYPE_SPECIFIC":
		return "this kernel's ip_set has no set of that type, family and revision"
	case strings.Contains(text, "netns reference"):
		return "it names a network namespace by a descriptor, a process or a number of the machine that was captured"
	case e == "ECONNREFUSED":
		return "nothing in the kernel listens to that protocol in this network namespace; audit does in the first one only"
	case e == "EPERM" || e == "EACCES":
		return "it takes rights outside of the namespace: on the real hardware, or in the first network namespace"
	case e == "EOPNOTSUPP" || e == "EPROTONOSUPPORT":
		return "this kernel cannot do it: a module is missing, or it is another version"
	case e == "ENETDOWN":
		return "an interface is down here: it was set up by ioctl, which is not replayed, or before the capture began"
	case slices.Contains(lacking, e) && strings.Contains(text, "unknown"):
		return "this kernel does not know it: a module is missing, or it is another version"
	case slices.Contains(lacking, e):
		return "what it needs is not there: made before the capture began, by a request that is not replayed, or of a module that is missing"
	case e == "EEXIST":
		return "it is there already"
	case e == "EBUSY":
		return "it is in use here, as an interface that is up is, or one that others are made on"
	case e == "EINVAL" || e == "ERANGE":
		return "this kernel does not take it: another version, or what it refers to is not the same here"
	case e == "EBADF":
		return "it names a file descriptor of the process that was captured"
	case x.Expected.Errno != 0:
		return "what stood in its way in the capture does not here: another version, or other state"
	}
	return ""
}
