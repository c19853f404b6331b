// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Who has a socket, and who runs.
#pragma once
#include "../kernel.h"
#include "record.h"

struct owner {
	__u32 pid;
	__u32 tid;
	__u32 uid;
	char comm[16];
	__u64 cgroup;
};

// Who has a socket: whoever used it last.
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct owner);
} owners SEC(".maps");

static __always_inline void by_current(struct record *r)
{
	__u64 both = bpf_get_current_pid_tgid();

	r->pid = both >> 32;
	r->tid = (__u32)both;
	r->uid = (__u32)bpf_get_current_uid_gid();
	r->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(r->comm, sizeof(r->comm));
}

static __always_inline void by_owner(struct record *r, struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct owner *o = bpf_map_lookup_elem(&owners, &key);

	if (!o)
		return;
	r->pid = o->pid;
	r->tid = o->tid;
	r->uid = o->uid;
	r->cgroup = o->cgroup;
	__builtin_memcpy(r->comm, o->comm, sizeof(r->comm));
}

// used notes who uses a socket.
static __always_inline int used(struct socket *s)
{
	struct owner o = {}, *old;
	__u64 both = bpf_get_current_pid_tgid();
	__u64 sk = (__u64)BPF_CORE_READ(s, sk);

	old = bpf_map_lookup_elem(&owners, &sk);
	o.pid = both >> 32;
	o.tid = (__u32)both;
	if (old && old->pid == o.pid && old->tid == o.tid)
		return 0;
	o.uid = (__u32)bpf_get_current_uid_gid();
	o.cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(o.comm, sizeof(o.comm));
	bpf_map_update_elem(&owners, &sk, &o, BPF_ANY);
	return 0;
}
