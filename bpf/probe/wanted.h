// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What is wanted, if anything is said: a process that sends or receives is one
// of these.
#pragma once
#include "record.h"

enum {
	WANTED = 8, // values of a filter
};

__u32 self = 0; // our own process, whose sockets nobody wants to see

const volatile __u32 want_pid[WANTED] = {};
const volatile __u32 want_pids = 0;
const volatile __u32 want_uid[WANTED] = {};
const volatile __u32 want_uids = 0;
const volatile __u32 want_netns[WANTED] = {};
const volatile __u32 want_netnses = 0;
const volatile __u64 want_comm[WANTED][2] = {}; // 16 bytes, the rest of them zero
const volatile __u32 want_comms = 0;

static __always_inline bool is_one(const volatile __u32 *list, __u32 n, __u32 v)
{
	__u32 i;

	if (!n)
		return 1;
	for (i = 0; i < WANTED; i++)
		if (i < n && list[i] == v)
			return 1;
	return 0;
}

// unwanted tells of a record that has its process and socket.
static __noinline bool unwanted(struct record *r)
{
	const __u64 *comm = (const __u64 *)r->comm;
	__u32 i;

	if (!self)
		return 0; // the self-test
	if (r->pid == self)
		return 1;
	if (!is_one(want_pid, want_pids, r->pid) || !is_one(want_uid, want_uids, r->uid) ||
	    !is_one(want_netns, want_netnses, r->netns))
		return 1;
	if (!want_comms)
		return 0;
	for (i = 0; i < WANTED; i++)
		if (i < want_comms && want_comm[i][0] == comm[0] && want_comm[i][1] == comm[1])
			return 0;
	return 1;
}
