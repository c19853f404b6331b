// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// A datagram on its way to user space, with what is known of its socket.
#pragma once
#include "../kernel.h"
#include "record.h"

enum {
	MAX_LEN = 4 << 20,
};

// about fills in what is known of a socket.
static __always_inline void about(struct record *r, struct sock *sk)
{
	struct netlink_sock *nlk = (struct netlink_sock *)sk;
	struct socket *s = BPF_CORE_READ(sk, sk_socket);

	r->proto = BPF_CORE_READ(sk, sk_protocol);
	r->netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	r->portid = BPF_CORE_READ(nlk, portid);
	r->options = BPF_CORE_READ(nlk, flags);
	if (s)
		r->inode = BPF_CORE_READ((struct socket_alloc *)s, vfs_inode.i_ino);
}

// chunks is a datagram that comes in several records.
struct chunks {
	struct record r;
	const unsigned char *data;
	__u64 n;
	__u64 flags; // of the last record
};

static long put_chunk(__u32 i, struct chunks *c)
{
	__u64 at = (__u64)i * CHUNK, size = c->n - at;

	if (at >= c->n)
		return 1;
	if (size > CHUNK)
		size = CHUNK;
	c->r.at = at;
	c->r.size = size;
	if (at + size >= c->n)
		c->r.flags = c->flags;
	if (put_large(&c->r, c->data + at, size))
		return 1;
	c->r.kind = MORE;
	return 0;
}

// tell copies a datagram.
static __noinline int tell(struct record *r, struct sk_buff *skb)
{
	const unsigned char *data;
	__u64 n;

	if (!r || !skb)
		return 0;
	data = BPF_CORE_READ(skb, data);
	r->len = BPF_CORE_READ(skb, len);
	r->unread = BPF_CORE_READ(skb, data_len);
	r->time = bpf_ktime_get_ns();
	n = (__u32)(r->len - r->unread);
	if (n > MAX_LEN)
		n = MAX_LEN;
	if (n > CHUNK) {
		struct chunks c = { .r = *r, .data = data, .n = n, .flags = r->flags };

		c.r.flags = 0;
		bpf_loop(MAX_LEN / CHUNK, put_chunk, &c, 0);
		return 0;
	}
	return put_data(r, data, n);
}
