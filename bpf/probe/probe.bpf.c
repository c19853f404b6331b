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

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// The members that are read of the kernel's own structures; where they are is
// found when the program is loaded.
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
typedef struct {
	unsigned int val;
} kuid_t;
struct cred {
	kuid_t uid;
};
struct kernfs_node {
	__u64 id;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp;
};
struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct path f_path;
};
struct mm_struct {
	struct file *exe_file;
};
struct task_struct {
	int pid;
	int tgid;
	const struct cred *cred;
	char comm[16];
	struct mm_struct *mm;
	struct task_struct *group_leader;
	__u64 start_time;
	__u64 self_exec_id;
	struct css_set *cgroups;
};
struct ns_common {
	unsigned int inum;
};
struct net {
	struct ns_common ns;
};
typedef struct {
	struct net *net;
} possible_net_t;
struct sock_common {
	unsigned short skc_family;
	possible_net_t skc_net;
};
struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
	struct socket *sk_socket;
};
struct socket {
	struct sock *sk;
};
struct inode {
	unsigned long i_ino;
};
struct socket_alloc {
	struct inode vfs_inode;
};
struct msghdr {
	unsigned int msg_flags;
};
struct nlmsghdr {
	__u32 nlmsg_seq;
};
struct nlattr {
	__u16 nla_len;
};
struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
	__u16 miss_type;
};
struct netlink_callback {
	const struct nlmsghdr *nlh;
};
struct sk_buff {
	struct sock *sk;
	char cb[48];
	unsigned int len;
	unsigned int data_len;
	unsigned char *data;
};
struct netlink_skb_parms {
	__u32 portid;
	__u32 dst_group;
	struct sock *sk;
};
struct netlink_sock {
	struct sock sk;
	unsigned int flags;
	__u32 portid;
	int dump_done_errno;
};
struct bpf_iter__task_file {
	struct task_struct *task;
	struct file *file;
};
#pragma clang attribute pop

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

	AF_NETLINK = 16,
	KERNEL_SOCKET = 1, // NETLINK_F_KERNEL_SOCKET
	EXT_ACK = 1 << 6,  // NETLINK_F_EXT_ACK
	MSG_PEEK = 2,
	MSG_TRUNC = 0x20,
	AGAIN = 11,	// EAGAIN
	RESTART = 512,	// ERESTARTSYS and what is like it, which no process sees
	RESTART_LAST = 516,
	TEXT = 192,
	WANTED = 8, // values of a filter
	CHUNK = 65536,
	MAX_LEN = 4 << 20,
	PATH = 256,
	PART = 64,
	PARTS = 20, // and mounts on the way
	NESTED = 4, // broadcasts of a task, and of interrupts on top of it
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

struct owner {
	__u32 pid;
	__u32 tid;
	__u32 uid;
	char comm[16];
	__u64 cgroup;
};

// running is which program a process is.
struct running {
	__u64 start;
	__u64 execs;
};

// broadcast is one that is on its way to its receivers.
struct broadcast {
	__u64 id;
	__u64 skb;
	__u32 told; // its bytes
	__u32 pad;
};

// reading is a read that is going on.
struct reading {
	__u64 sk;
	__u32 len; // of the datagram
	__u32 pad;
};

struct broadcasts {
	__u32 depth;
	__u32 pad;
	struct broadcast list[NESTED];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 32 << 20);
} records SEC(".maps");

// Who has a socket: whoever used it last.
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct owner);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct broadcasts);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} casting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct reading);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} reads SEC(".maps");

// The programs of processes that were told.
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct running);
} programs SEC(".maps");

// What is wanted, if anything is said: a process that sends or receives is one
// of these.
const volatile __u32 want_pid[WANTED] = {};
const volatile __u32 want_pids = 0;
const volatile __u32 want_uid[WANTED] = {};
const volatile __u32 want_uids = 0;
const volatile __u32 want_netns[WANTED] = {};
const volatile __u32 want_netnses = 0;
const volatile __u64 want_comm[WANTED][2] = {}; // 16 bytes, the rest of them zero
const volatile __u32 want_comms = 0;

// Counters that user space reads.
__u64 lost = 0;	 // records, as there was no room
__u32 self = 0;	 // our own process, whose sockets nobody wants to see
__u64 fired[16]; // how often each hook ran (enum hook)
__u64 ids = 0;

// Hooks in the order of fired; load_linux.go has the same.
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

static __always_inline void fire(enum hook h) { __sync_fetch_and_add(&fired[h], 1); }

static __always_inline __u64 new_id(void) { return __sync_fetch_and_add(&ids, 1) + 1; }

struct program {
	struct record r;
	char path[PATH + PART];
};

// program tells which program a process is, once.
static __noinline int program(struct task_struct *task)
{
	struct running now = {}, *told;
	struct program *out;
	struct dentry *d, *up;
	struct vfsmount *mnt;
	struct mount *m, *below;
	struct file *exe;
	__u32 pid = BPF_CORE_READ(task, tgid);
	__u64 at = 0;
	long n;
	int i;

	now.start = BPF_CORE_READ(task, group_leader, start_time);
	now.execs = BPF_CORE_READ(task, self_exec_id);
	told = bpf_map_lookup_elem(&programs, &pid);
	if (told && told->start == now.start && told->execs == now.execs)
		return 0;
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (!exe || pid == self)
		return 0;
	out = bpf_ringbuf_reserve(&records, sizeof(*out), 0);
	if (!out) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	bpf_map_update_elem(&programs, &pid, &now, BPF_ANY);
	__builtin_memset(&out->r, 0, sizeof(out->r));
	out->r.kind = PROGRAM;
	out->r.pid = pid;
	out->r.len = 1;
	d = BPF_CORE_READ(exe, f_path.dentry);
	mnt = BPF_CORE_READ(exe, f_path.mnt);
	m = (void *)mnt - bpf_core_field_offset(struct mount, mnt);
	for (i = 0; i < PARTS; i++) {
		up = BPF_CORE_READ(d, d_parent);
		if (d == BPF_CORE_READ(m, mnt.mnt_root) || d == up) {
			below = BPF_CORE_READ(m, mnt_parent);
			if (below == m) {
				out->r.len = 0;
				break;
			}
			d = BPF_CORE_READ(m, mnt_mountpoint);
			m = below;
			continue;
		}
		n = bpf_probe_read_kernel_str(out->path + at, PART, BPF_CORE_READ(d, d_name.name));
		if (n <= 0 || n == PART || at + n >= PATH)
			break;
		at += n;
		asm volatile("" : "+r"(at));
		at &= PATH - 1;
		d = up;
	}
	out->r.size = at;
	bpf_ringbuf_submit(out, 0);
	return 0;
}

static __always_inline void by_current(struct record *r)
{
	__u64 both = bpf_get_current_pid_tgid();

	r->pid = both >> 32;
	r->tid = (__u32)both;
	r->uid = (__u32)bpf_get_current_uid_gid();
	r->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(r->comm, sizeof(r->comm));
}

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

// Every delivery to a socket of a process comes by here: answers, dumps, and
// each copy of a multicast.
SEC("fentry/__netlink_sendskb")
int BPF_PROG(deliver, struct sock *sk, struct sk_buff *skb)
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

SEC("fentry/netlink_broadcast_filtered")
int BPF_PROG(broadcast_begin, struct sock *ssk, struct sk_buff *skb) { return begin(skb); }

SEC("fexit/netlink_broadcast_filtered")
int BPF_PROG(broadcast_end) { return end(); }

// Before 6.2 the function above is a part of this one.
SEC("fentry/netlink_broadcast")
int BPF_PROG(broadcast_begin_old, struct sock *ssk, struct sk_buff *skb) { return begin(skb); }

SEC("fexit/netlink_broadcast")
int BPF_PROG(broadcast_end_old) { return end(); }

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
