package ebpf

import (
	"slices"

	"github.com/cilium/ebpf/btf"
)

// hook is a program and the kernel function that it sits on. Programs with
// the same number do the same on different kernels: the first is taken whose
// function is there and is called.
type hook struct {
	program, function string
	number            int  // in fired (enum hook in hook.h)
	needed            bool // there is no capture without it
	fact              string
}

// hooks in the order in which they are attached: an end before its beginning,
// who has a socket before what it gets.
var hooks = []hook{
	{"release", "netlink_release", 8, true, "when a socket is closed"},
	{"sendmsg", "netlink_sendmsg", 4, true, "who has a socket"},
	{"received", "netlink_recvmsg", 11, true, "reads that fail or are too short"},
	{"recvmsg", "netlink_recvmsg", 5, true, "who has a socket"},
	{"destroyed", "netlink_skb_destructor", 12, false, "how much a short read loses"},
	{"sent", "netlink_sendmsg", 10, true, "messages that the kernel does not take"},
	{"ack", "netlink_ack", 13, false, "reasons that a program did not ask for"},
	{"dump_done", "netlink_dump_done", 14, false, "reasons of dumps that a program did not ask for"},
	{"bind", "netlink_bind", 6, false, "who has a socket that only listens"},
	{"setsockopt", "netlink_setsockopt", 7, false, "who has a socket that only listens"},
	{"broadcast_end", "netlink_broadcast_filtered", 3, false, "all receivers of a multicast"},
	{"broadcast_end_old", "netlink_broadcast", 3, false, "all receivers of a multicast"},
	{"broadcast_begin", "netlink_broadcast_filtered", 2, false, "all receivers of a multicast"},
	{"broadcast_begin_old", "netlink_broadcast", 2, false, "all receivers of a multicast"},
	{"overrun", "netlink_overrun", 9, false, "messages that a socket had no room for"},
	{"deliver", "__netlink_sendskb", 1, true, "what processes receive"},
	{"deliver_queued", "skb_queue_tail", 1, true, "what processes receive"},
	{"unicast", "netlink_unicast", 0, true, "what processes send"},
}

// chooser chooses among hooks.
type chooser struct {
	hooks []hook
	// tried are those of them that could not be attached, or that the kernel
	// did not call.
	tried map[hook]bool
	has   func(function string) bool // says whether the kernel has a function
}

// choose returns what to attach: the first of each number that can be, in their
// order. Of the numbers without any it returns the first.
func (c *chooser) choose() (chosen, absent []hook) {
	done := map[int]bool{}
	for _, h := range c.hooks {
		if !done[h.number] && !c.tried[h] && c.has(h.function) {
			done[h.number] = true
			chosen = append(chosen, h)
		}
	}
	for _, h := range c.hooks {
		if !done[h.number] {
			done[h.number] = true
			absent = append(absent, h)
		}
	}
	return chosen, absent
}

// Fact is something that a capture tells.
type Fact struct {
	Name string
	// Functions of the kernel that tell it or, if it is not Known, that this
	// kernel does not have or does not call.
	Functions []string
	Known     bool
}

// facts returns what hooks tell that were chosen, and what is not known for
// want of others, in the order of all.
func facts(all, chosen, absent []hook) (list []Fact) {
	for _, h := range all {
		known := !slices.Contains(absent, h)
		if known && !slices.Contains(chosen, h) {
			continue
		}
		i := slices.IndexFunc(list, func(f Fact) bool { return f.Name == h.fact })
		switch {
		case i < 0:
			list = append(list, Fact{h.fact, []string{h.function}, known})
		case list[i].Known && !known: // one that is missing is enough
			list[i] = Fact{h.fact, []string{h.function}, false}
		case list[i].Known == known && !slices.Contains(list[i].Functions, h.function):
			list[i].Functions = append(list[i].Functions, h.function)
		}
	}
	return list
}

// functionsOf returns what says whether a kernel has a function of its own.
func functionsOf(kernel *btf.Spec) func(string) bool {
	return func(name string) bool {
		var f *btf.Func
		return kernel.TypeByName(name, &f) == nil
	}
}
