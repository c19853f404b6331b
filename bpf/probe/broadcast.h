// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Multicasts that are on their way: all their receivers get one datagram.
#pragma once
#include "../kernel.h"
#include "hook.h"
#include "record.h"

enum {
	NESTED = 4, // broadcasts of a task, and of interrupts on top of it
};

// broadcast is one that is on its way to its receivers.
struct broadcast {
	__u64 id;
	__u64 skb;
	__u32 told; // its bytes
	__u32 pad;
};

struct broadcasts {
	__u32 depth;
	__u32 pad;
	struct broadcast list[NESTED];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct broadcasts);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} casting SEC(".maps");

static __always_inline struct broadcast *current_broadcast(void)
{
	__u64 task = bpf_get_current_task();
	struct broadcasts *b = bpf_map_lookup_elem(&casting, &task);
	__u64 d;

	if (!b)
		return 0;
	d = (__u64)b->depth - 1;
	if (d >= NESTED)
		return 0;
	asm volatile("" : "+r"(d)); // the multiplication is not to come first
	return &b->list[d & (NESTED - 1)];
}

static __always_inline int begin(struct sk_buff *skb)
{
	__u64 task = bpf_get_current_task();
	struct broadcasts *b = bpf_map_lookup_elem(&casting, &task);
	__u64 d;

	fire(BROADCAST);
	if (!b) {
		struct broadcasts first = { .depth = 1 };

		first.list[0].id = new_id();
		first.list[0].skb = (__u64)skb;
		bpf_map_update_elem(&casting, &task, &first, BPF_NOEXIST);
		return 0;
	}
	d = b->depth++;
	if (d < NESTED) {
		b->list[d].id = new_id();
		b->list[d].skb = (__u64)skb;
		b->list[d].told = 0;
	}
	return 0;
}

static __always_inline int end(void)
{
	struct broadcast *b = current_broadcast();
	__u64 task = bpf_get_current_task();
	struct broadcasts *all;

	fire(BROADCAST_END);
	if (b && b->told) {
		struct record r = { .kind = ENDED, .flags = LAST, .id = b->id };

		put(&r);
	}
	all = bpf_map_lookup_elem(&casting, &task);
	if (!all)
		return 0;
	if (all->depth > 1)
		all->depth--;
	else
		bpf_map_delete_elem(&casting, &task);
	return 0;
}
