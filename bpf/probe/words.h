// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What the kernel would say to a program that asked for extended ACKs.
#pragma once
#include "../kernel.h"
#include "datagram.h"
#include "record.h"

enum {
	EXT_ACK = 1 << 6,  // NETLINK_F_EXT_ACK
	TEXT = 192,
};

struct words {
	struct record r;
	char text[TEXT];
};

// words tells what the kernel would say to a program that asked for it.
static __always_inline void words(struct sock *sk, __u64 nlh, __u32 portid, int error, const struct netlink_ext_ack *extack)
{
	struct words *w;
	const char *text;
	__u64 bad;
	long n;

	if (!extack || !error || BPF_CORE_READ((struct netlink_sock *)sk, flags) & EXT_ACK)
		return;
	text = BPF_CORE_READ(extack, _msg);
	bad = (__u64)BPF_CORE_READ(extack, bad_attr);
	if (!text && !bad)
		return;
	w = bpf_ringbuf_reserve(&records, sizeof(*w), 0);
	if (!w) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	__builtin_memset(w, 0, sizeof(*w));
	w->r.kind = WORDS;
	about(&w->r, sk);
	w->r.peer = portid;
	w->r.len = BPF_CORE_READ((struct nlmsghdr *)nlh, nlmsg_seq);
	w->r.unread = error;
	if (bad)
		w->r.at = bad - nlh;
	if (text) {
		n = bpf_probe_read_kernel_str(w->text, TEXT, text);
		w->r.size = n > 1 ? n - 1 : 0;
	}
	bpf_ringbuf_submit(w, 0);
}
