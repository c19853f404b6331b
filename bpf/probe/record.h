// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// What goes to user space: records, and their way there.
#pragma once

// What a record is; record.go has the same numbers.
enum kind {
	TO_KERNEL = 1, // a datagram, and who sends it
	FROM_KERNEL,   // a datagram, and who receives it
	FROM_USER,     // a datagram, and who sends it
	MORE,	       // of the datagram before
	RECEIVER,      // of a datagram
	MISSED,	       // a datagram: its receiver had no room for it
	ENDED,	       // a datagram has no more receivers
	CUT,	       // a read had too little room: of len bytes, for at
	SEND_FAILED,   // value
	RECV_FAILED,   // value
	WORDS,	       // why a request is refused: text, to peer, about number len, value, the attribute at `at`
	CLOSED,	       // a socket; so many records were lost until then: len
	PROGRAM,       // of a process: the parts of its path, from its end, each with a NUL; len is 1 if there are more
};

enum {
	LAST = 1, // flag: nothing more comes of the datagram
	CHUNK = 65536,
};

struct record {
	__u32 kind;
	__u32 size; // bytes behind the record
	__u64 time;
	__u64 id;  // of the datagram
	__u32 len; // of the datagram
	__u32 at;  // where in the datagram the bytes are
	__u64 inode;
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__u32 portid;
	__u32 netns;
	__u32 peer; // portid at the other end
	__u32 group;
	__u32 options; // NETLINK_F_*
	__u16 proto;
	__u16 flags;
	__u32 unread; // bytes that are not in the socket buffer itself; or value, negative
	char comm[16];
	__u64 cgroup;
};

// Counters that user space reads.
__u64 lost = 0; // records, as there was no room
__u64 ids = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
} records SEC(".maps");

static __always_inline __u64 new_id(void) { return __sync_fetch_and_add(&ids, 1) + 1; }

static __always_inline int put(struct record *r)
{
	if (!bpf_ringbuf_output(&records, r, sizeof(*r), 0))
		return 0;
	__sync_fetch_and_add(&lost, 1);
	return -1;
}

// The size of a reserved record has to be constant, so there are a few.
#define PUT(SIZE)                                                                                  \
	do {                                                                                       \
		struct {                                                                           \
			struct record r;                                                           \
			__u8 data[SIZE];                                                           \
		} *out = bpf_ringbuf_reserve(&records, sizeof(*out), 0);                           \
		if (!out) {                                                                        \
			__sync_fetch_and_add(&lost, 1);                                            \
			return -1;                                                                 \
		}                                                                                  \
		__builtin_memcpy(&out->r, r, sizeof(*r));                                          \
		asm volatile("" : "+r"(n));                                                        \
		if (n > SIZE)                                                                      \
			n = SIZE;                                                                  \
		if (bpf_probe_read_kernel(out->data, n, from))                                     \
			out->r.size = 0;                                                           \
		bpf_ringbuf_submit(out, 0);                                                        \
		return 0;                                                                          \
	} while (0)

static __always_inline int put_large(struct record *r, const void *from, __u64 n) { PUT(CHUNK); }

static __always_inline int put_data(struct record *r, const void *from, __u64 n)
{
	r->size = n;
	if (n <= 192)
		PUT(192);
	if (n <= 1024)
		PUT(1024);
	if (n <= 8192)
		PUT(8192);
	return put_large(r, from, n);
}
