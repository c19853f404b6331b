// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// How often each hook ran: one that never does is not where the kernel goes by.
#pragma once

// Hooks in the order of fired; hooks_linux.go has the same.
enum hook {
	UNICAST,
	SENDSKB,
	BROADCAST,
	BROADCAST_END,
	SENDMSG,
	RECVMSG,
	BIND,
	SETSOCKOPT,
	RELEASE,
	OVERRUN,
	SENT,
	RECEIVED,
	DESTROYED,
	ACK,
	DUMP_DONE,
};

__u64 fired[16]; // by hook; user space reads it

static __always_inline void fire(enum hook h) { __sync_fetch_and_add(&fired[h], 1); }
