//go:build ignore

// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Copies every netlink datagram to user space: those for the kernel as they
// are handed over, all others as they are put into a socket's queue, with who
// sent or has that socket.
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../kernel.h"
#include "broadcast.h"
#include "datagram.h"
#include "hook.h"
#include "process.h"
#include "program.h"
#include "record.h"
#include "wanted.h"
#include "words.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
	AF_NETLINK = 16,
	KERNEL_SOCKET = 1, // NETLINK_F_KERNEL_SOCKET
	MSG_PEEK = 2,
	MSG_TRUNC = 0x20,
	AGAIN = 11,	// EAGAIN
	RESTART = 512,	// ERESTARTSYS and what is like it, which no process sees
	RESTART_LAST = 516,
};

// reading is a read that is going on.
struct reading {
	__u64 sk;
	__u32 len; // of the datagram
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct reading);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} reads SEC(".maps");

// tell_from tells a datagram to a socket, without its receiver if a process
// sends it.
static __always_inline int tell_from(struct record *r, struct sk_buff *skb, struct sock *sk)
{
	struct netlink_skb_parms *cb = (struct netlink_skb_parms *)&skb->cb;
	__u32 from = BPF_CORE_READ(cb, portid);

	r->group = BPF_CORE_READ(cb, dst_group);
	if (!from)
		return 0;
	r->kind = FROM_USER;
	by_current(r);
	r->peer = r->portid;
	r->portid = from;
	r->inode = 0;
	r->options = 0;
	return 1;
}

// from_wanted tells whether a process whose messages are wanted sends one to
// another, whose socket r has.
static __always_inline bool from_wanted(const struct record *r, struct sk_buff *skb)
{
	struct record from = { .netns = r->netns };

	if (!BPF_CORE_READ((struct netlink_skb_parms *)&skb->cb, portid) || (self && r->pid == self))
		return 0;
	by_current(&from);
	return !unwanted(&from);
}

SEC("fentry/netlink_unicast")
int BPF_PROG(unicast, struct sock *ssk, struct sk_buff *skb, __u32 portid)
{
	struct record r = { .kind = TO_KERNEL, .flags = LAST };

	fire(UNICAST);
	if (portid || BPF_CORE_READ((struct netlink_sock *)ssk, flags) & KERNEL_SOCKET)
		return 0;
	by_current(&r);
	about(&r, ssk);
	if (unwanted(&r))
		return 0;
	r.id = new_id();
	tell(&r, skb);
	return 0;
}

static __always_inline int delivered(struct sock *sk, struct sk_buff *skb)
{
	struct broadcast *b = 0;
	struct record r = { .kind = FROM_KERNEL };
	int user;

	fire(SENDSKB);
	// An interrupt may send to one socket while the task below it sends to many.
	if (BPF_CORE_READ((struct netlink_skb_parms *)&skb->cb, dst_group))
		b = current_broadcast();
	by_owner(&r, sk);
	about(&r, sk);
	if (unwanted(&r) && !from_wanted(&r, skb))
		return 0;
	r.id = b ? b->id : new_id();
	if (!b || !b->told) {
		struct record d = r;

		user = tell_from(&d, skb, sk);
		if (!b && !user)
			d.flags = LAST;
		if (b)
			b->told = 1;
		tell(&d, skb);
		if (!user)
			return 0;
		r.group = d.group;
		if (!b)
			r.flags = LAST;
	} else {
		r.group = BPF_CORE_READ((struct netlink_skb_parms *)&skb->cb, dst_group);
	}
	r.kind = RECEIVER;
	r.time = bpf_ktime_get_ns();
	put(&r);
	return 0;
}

// Every delivery to a socket of a process comes by here: answers, dumps, and
// each copy of a multicast.
SEC("fentry/__netlink_sendskb")
int BPF_PROG(deliver, struct sock *sk, struct sk_buff *skb) { return delivered(sk, skb); }

// What that function calls, for kernels whose compiler made it a part of its
// callers. Others queue, too: a buffer of netlink belongs to the socket on whose
// queue it is put.
SEC("fentry/skb_queue_tail")
int BPF_PROG(deliver_queued, struct sk_buff_head *list, struct sk_buff *skb)
{
	struct sock *sk = BPF_CORE_READ(skb, sk);

	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_family) != AF_NETLINK || (void *)list != (void *)&sk->sk_receive_queue)
		return 0;
	return delivered(sk, skb);
}

SEC("fentry/netlink_broadcast_filtered")
int BPF_PROG(broadcast_begin, struct sock *ssk, struct sk_buff *skb) { return begin(skb); }

SEC("fexit/netlink_broadcast_filtered")
int BPF_PROG(broadcast_end) { return end(); }

// Before 6.2 the function above is a part of this one.
SEC("fentry/netlink_broadcast")
int BPF_PROG(broadcast_begin_old, struct sock *ssk, struct sk_buff *skb) { return begin(skb); }

SEC("fexit/netlink_broadcast")
int BPF_PROG(broadcast_end_old) { return end(); }

SEC("fentry/netlink_sendmsg")
int BPF_PROG(sendmsg, struct socket *s)
{
	fire(SENDMSG);
	program((struct task_struct *)bpf_get_current_task());
	return used(s);
}

SEC("fentry/netlink_recvmsg")
int BPF_PROG(recvmsg, struct socket *s)
{
	__u64 task = bpf_get_current_task();
	struct reading r = { .sk = (__u64)BPF_CORE_READ(s, sk) };

	fire(RECVMSG);
	bpf_map_update_elem(&reads, &task, &r, BPF_ANY);
	program((struct task_struct *)task);
	return used(s);
}

// A datagram that was read is given up in the read.
SEC("fentry/netlink_skb_destructor")
int BPF_PROG(destroyed, struct sk_buff *skb)
{
	__u64 task = bpf_get_current_task();
	struct reading *r = bpf_map_lookup_elem(&reads, &task);

	fire(DESTROYED);
	if (r && r->sk == (__u64)BPF_CORE_READ(skb, sk))
		r->len = BPF_CORE_READ(skb, len);
	return 0;
}

// failed tells of a call that failed, unless nobody would call it that.
static __always_inline void failed(enum kind kind, struct socket *s, int ret)
{
	struct record r = { .kind = kind, .unread = ret };

	if (ret >= 0 || ret == -AGAIN || (ret <= -RESTART && ret >= -RESTART_LAST))
		return;
	by_current(&r);
	about(&r, BPF_CORE_READ(s, sk));
	if (unwanted(&r))
		return;
	r.time = bpf_ktime_get_ns();
	put(&r);
}

SEC("fexit/netlink_sendmsg")
int BPF_PROG(sent, struct socket *s, struct msghdr *msg, __u64 len, int ret)
{
	fire(SENT);
	failed(SEND_FAILED, s, ret);
	return 0;
}

SEC("fexit/netlink_recvmsg")
int BPF_PROG(received, struct socket *s, struct msghdr *msg, __u64 len, int flags, int ret)
{
	__u64 task = bpf_get_current_task();
	struct reading *w = bpf_map_lookup_elem(&reads, &task);
	struct record r = { .kind = CUT };

	fire(RECEIVED);
	r.len = w ? w->len : 0;
	bpf_map_delete_elem(&reads, &task);
	failed(RECV_FAILED, s, ret);
	if (ret < 0 || flags & MSG_PEEK || !(BPF_CORE_READ(msg, msg_flags) & MSG_TRUNC))
		return 0;
	r.at = len;
	by_current(&r);
	about(&r, BPF_CORE_READ(s, sk));
	if (unwanted(&r))
		return 0;
	r.time = bpf_ktime_get_ns();
	put(&r);
	return 0;
}

SEC("fentry/netlink_ack")
int BPF_PROG(ack, struct sk_buff *in, struct nlmsghdr *nlh, int error, struct netlink_ext_ack *extack)
{
	struct netlink_skb_parms *cb = (struct netlink_skb_parms *)&in->cb; // of who sent it
	__u64 plain = 0;

	fire(ACK);
	// The verifier allows no arithmetic with a pointer that it knows.
	if (error && !bpf_get_func_arg(ctx, 1, &plain))
		words(BPF_CORE_READ(cb, sk), plain, BPF_CORE_READ(cb, portid), error, extack);
	return 0;
}

SEC("fentry/netlink_dump_done")
int BPF_PROG(dump_done, struct netlink_sock *nlk, struct sk_buff *skb, struct netlink_callback *cb, struct netlink_ext_ack *extack)
{
	int error = BPF_CORE_READ(nlk, dump_done_errno);

	fire(DUMP_DONE);
	if (error < 0)
		words((struct sock *)nlk, (__u64)BPF_CORE_READ(cb, nlh), BPF_CORE_READ(nlk, portid), error, extack);
	return 0;
}

SEC("fentry/netlink_bind")
int BPF_PROG(bind, struct socket *s)
{
	fire(BIND);
	program((struct task_struct *)bpf_get_current_task());
	return used(s);
}

SEC("fentry/netlink_setsockopt")
int BPF_PROG(setsockopt, struct socket *s)
{
	fire(SETSOCKOPT);
	program((struct task_struct *)bpf_get_current_task());
	return used(s);
}

SEC("fentry/netlink_release")
int BPF_PROG(release, struct socket *s)
{
	struct record r = { .kind = CLOSED };
	__u64 sk = (__u64)BPF_CORE_READ(s, sk);

	fire(RELEASE);
	if (!sk)
		return 0;
	by_owner(&r, (struct sock *)sk);
	bpf_map_delete_elem(&owners, &sk);
	if (!r.pid) // nobody used it
		return 0;
	about(&r, (struct sock *)sk);
	if (unwanted(&r))
		return 0;
	r.time = bpf_ktime_get_ns();
	r.len = lost;
	put(&r);
	return 0;
}

// Who has the sockets that are there already.
SEC("iter/task_file")
int found(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct owner o = {};
	struct socket *s;
	__u64 sk;

	if (!task || !file)
		return 0;
	s = bpf_sock_from_file(file);
	if (!s)
		return 0;
	sk = (__u64)BPF_CORE_READ(s, sk);
	if (!sk || BPF_CORE_READ((struct sock *)sk, __sk_common.skc_family) != AF_NETLINK)
		return 0;
	o.pid = BPF_CORE_READ(task, tgid);
	o.tid = o.pid;
	o.uid = BPF_CORE_READ(task, cred, uid.val);
	o.cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	BPF_CORE_READ_STR_INTO(&o.comm, task, comm);
	bpf_map_update_elem(&owners, &sk, &o, BPF_NOEXIST);
	program(task);
	return 0;
}

// A socket had no room for a datagram.
SEC("fentry/netlink_overrun")
int BPF_PROG(overrun, struct sock *sk)
{
	struct broadcast *b = current_broadcast();
	struct record r = { .kind = MISSED };

	fire(OVERRUN);
	by_owner(&r, sk);
	about(&r, sk);
	if (unwanted(&r))
		return 0;
	if (b) {
		r.id = b->id;
		if (!b->told) {
			struct record d = r;

			d.kind = FROM_KERNEL;
			b->told = 1;
			tell_from(&d, (struct sk_buff *)b->skb, sk);
			tell(&d, (struct sk_buff *)b->skb);
		}
	}
	r.time = bpf_ktime_get_ns();
	put(&r);
	return 0;
}
