//go:build ignore

// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Follows a task while the kernel works on its netlink request, and records
// each function that returns an error meanwhile, and each refusal that goes
// back: user space finds the place from the order.
#include <stdbool.h>
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../kernel.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { TEXT = 192, DEPTH = 64, STACK = 32768 };

// What a record is; record.go has the same numbers.
enum kind { RETURNED = 1, REFUSED, REFUSED_DUMP, SENT, DUMPED };

struct returned {
	__u32 kind;
	__u32 tid;
	__u64 ip;
	__s64 value;
	__u32 in, out; // when, counted in the window
};

struct refused {
	__u32 kind;
	__u32 tid;
	__u32 pid;
	__s32 error;
	__u32 portid;
	__u32 seq;
	__u32 len;
	__u16 type;
	__u16 flags;
	__u32 netns;
	__u32 at; // when, counted in the window
	__s32 bad_attr; // offset in the request, -1: none
	__s32 miss_nest;
	__u16 miss_type;
	__u16 proto;
	__u8 has; // bit 0: policy, 1: miss_type
	__u8 policy_type;
	__u16 policy_len;
	char comm[16];
	char text[TEXT];
};

// ended closes a window.
struct ended {
	__u32 kind;
	__u32 tid;
	__u32 pid;
	__s32 value;
	__u64 lost; // records, since the programs were loaded
	__u32 portid;
	__u16 proto;
	__u16 pad;
	__u32 netns;
	char comm[16];
};

struct frame {
	__u64 ip;
	__u32 in;
	__u32 pad;
};

struct window {
	__u64 stack;
	__u32 clock;
	__u32 depth; // of frames; sessions need none
	__u32 own;   // a dump's: netlink_dump closes it
	__u32 pad;
	struct frame frames[DEPTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct window);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} windows SEC(".maps");

__u32 inside = 0; // tasks that are in a window
__u64 lost = 0;

static __always_inline __u32 tid(void) { return (__u32)bpf_get_current_pid_tgid(); }

static __always_inline void put(void *r, __u64 n, __u64 flags)
{
	if (bpf_ringbuf_output(&records, r, n, flags))
		__sync_fetch_and_add(&lost, 1);
}

struct window fresh = {};

// open_window begins to follow the task. It says whether it was not followed
// before.
static __always_inline bool open_window(void)
{
	__u32 t = tid();
	struct window *w;

	if (bpf_map_update_elem(&windows, &t, &fresh, BPF_NOEXIST))
		return 0;
	w = bpf_map_lookup_elem(&windows, &t);
	if (!w)
		return 0;
	w->stack = (__u64)BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), stack);
	__sync_fetch_and_add(&inside, 1);
	return 1;
}

static __always_inline void about(struct sock *sk, __u16 *proto, __u32 *netns)
{
	*proto = BPF_CORE_READ(sk, sk_protocol);
	*netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline void close_window(__u32 kind, struct sock *sk, __s32 value)
{
	struct ended e = {};
	__u32 t = tid();

	if (bpf_map_delete_elem(&windows, &t))
		return;
	__sync_fetch_and_add(&inside, -1);
	e.kind = kind;
	e.tid = t;
	e.pid = bpf_get_current_pid_tgid() >> 32;
	e.value = value;
	e.lost = lost;
	e.portid = BPF_CORE_READ((struct netlink_sock *)sk, portid);
	about(sk, &e.proto, &e.netns);
	bpf_get_current_comm(e.comm, sizeof(e.comm));
	put(&e, sizeof(e), BPF_RB_FORCE_WAKEUP);
}

SEC("fentry/netlink_sendmsg")
int BPF_PROG(send_begin)
{
	open_window();
	return 0;
}

SEC("fexit/netlink_sendmsg")
int BPF_PROG(send_end, struct socket *sock, void *msg, __u64 len, int ret)
{
	close_window(SENT, BPF_CORE_READ(sock, sk), ret);
	return 0;
}

// A dump goes on when the program reads, outside of any request.
SEC("fentry/netlink_dump")
int BPF_PROG(dump_begin)
{
	struct window *w;
	__u32 t = tid();

	if (!open_window())
		return 0;
	w = bpf_map_lookup_elem(&windows, &t);
	if (w)
		w->own = 1;
	return 0;
}

SEC("fexit/netlink_dump")
int BPF_PROG(dump_end, struct sock *sk)
{
	struct window *w;
	__u32 t = tid();

	w = bpf_map_lookup_elem(&windows, &t);
	if (w && w->own)
		close_window(DUMPED, sk, 0);
	return 0;
}

static __always_inline void refuse(__u32 kind, struct sock *sk, const struct nlmsghdr *nlh, __u32 portid, __s32 error,
				   const struct netlink_ext_ack *extack)
{
	struct refused *r;
	struct window *w;
	__u32 t = tid();

	r = bpf_ringbuf_reserve(&records, sizeof(*r), 0);
	if (!r) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	__builtin_memset(r, 0, sizeof(*r));
	w = bpf_map_lookup_elem(&windows, &t);
	if (w)
		r->at = ++w->clock;
	r->kind = kind;
	r->tid = t;
	r->pid = bpf_get_current_pid_tgid() >> 32;
	r->error = error;
	r->portid = portid;
	r->seq = BPF_CORE_READ(nlh, nlmsg_seq);
	r->len = BPF_CORE_READ(nlh, nlmsg_len);
	r->type = BPF_CORE_READ(nlh, nlmsg_type);
	r->flags = BPF_CORE_READ(nlh, nlmsg_flags);
	r->bad_attr = r->miss_nest = -1;
	about(sk, &r->proto, &r->netns);
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	if (extack) {
		const char *text = BPF_CORE_READ(extack, _msg);
		const void *bad = BPF_CORE_READ(extack, bad_attr);

		if (text)
			bpf_probe_read_kernel_str(r->text, sizeof(r->text), text);
		if (bad)
			r->bad_attr = (__u64)bad - (__u64)nlh;
		if (bpf_core_field_exists(extack->policy)) {
			const struct nla_policy *p = BPF_CORE_READ(extack, policy);

			if (p) {
				r->has |= 1;
				r->policy_type = BPF_CORE_READ(p, type);
				r->policy_len = BPF_CORE_READ(p, len);
			}
		}
		if (bpf_core_field_exists(extack->miss_type)) {
			const void *nest = BPF_CORE_READ(extack, miss_nest);

			r->miss_type = BPF_CORE_READ(extack, miss_type);
			if (r->miss_type || nest)
				r->has |= 2;
			if (nest)
				r->miss_nest = (__u64)nest - (__u64)nlh;
		}
	}
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
}

SEC("fentry/netlink_ack")
int BPF_PROG(ack, struct sk_buff *in, struct nlmsghdr *nlh, int error, struct netlink_ext_ack *extack)
{
	__u64 plain = 0;

	// The verifier allows no arithmetic with a pointer that it knows.
	if (error && !bpf_get_func_arg(ctx, 1, &plain))
		refuse(REFUSED, BPF_CORE_READ(in, sk), (const void *)plain, BPF_CORE_READ((struct netlink_skb_parms *)&in->cb, portid), error, extack);
	return 0;
}

SEC("fentry/netlink_dump_done")
int BPF_PROG(dump_done, struct netlink_sock *nlk, struct sk_buff *skb, struct netlink_callback *cb, struct netlink_ext_ack *extack)
{
	int error = BPF_CORE_READ(nlk, dump_done_errno);

	if (error < 0)
		refuse(REFUSED_DUMP, (struct sock *)nlk, BPF_CORE_READ(cb, nlh), BPF_CORE_READ(nlk, portid), error, extack);
	return 0;
}

// followed is the window of the task that runs here, unless an interrupt runs
// on top of it, which has a stack of its own.
static __always_inline struct window *followed(struct pt_regs *ctx)
{
	struct window *w;
	__u32 t;
	__u64 sp;

	if (!inside)
		return 0;
	t = tid();
	w = bpf_map_lookup_elem(&windows, &t);
	if (!w)
		return 0;
	sp = PT_REGS_SP(ctx);
	if (sp && sp - w->stack >= STACK)
		return 0;
	return w;
}

static __always_inline bool failed(__s64 value) { return (__s32)value < 0 && (__s32)value >= -5000; }

static __always_inline void record(struct pt_regs *ctx, struct window *w, __u32 in)
{
	struct returned r = { .kind = RETURNED, .tid = tid(), .in = in, .out = ++w->clock };

	r.ip = bpf_get_func_ip(ctx);
	r.value = PT_REGS_RC(ctx);
	put(&r, sizeof(r), BPF_RB_NO_WAKEUP);
}

#if defined(SESSION)
#if SESSION == 1
extern bool bpf_session_is_return(void) __ksym;
extern __u64 *bpf_session_cookie(void) __ksym;
#define IS_RETURN(ctx) bpf_session_is_return()
#define COOKIE(ctx) bpf_session_cookie()
#else
extern bool bpf_session_is_return(void *ctx) __ksym;
extern __u64 *bpf_session_cookie(void *ctx) __ksym;
#define IS_RETURN(ctx) bpf_session_is_return(ctx)
#define COOKIE(ctx) bpf_session_cookie(ctx)
#endif

// One program for a function's entry and, where the entry returned 0, its
// return.
SEC("kprobe.session")
int both(struct pt_regs *ctx)
{
	struct window *w = followed(ctx);
	__u64 *in;

	if (!w)
		return 1;
	in = COOKIE(ctx);
	if (!IS_RETURN(ctx)) {
		*in = ++w->clock;
		return 0;
	}
	if (failed(PT_REGS_RC(ctx)))
		record(ctx, w, *in);
	return 0;
}
#else

// Without sessions the window keeps which functions were entered.
static __always_inline int enter(struct pt_regs *ctx)
{
	struct window *w = followed(ctx);
	__u32 d;

	if (!w)
		return 0;
	d = w->depth;
	if (d >= DEPTH)
		return 0;
	w->frames[d & (DEPTH - 1)].ip = bpf_get_func_ip(ctx);
	w->frames[d & (DEPTH - 1)].in = ++w->clock;
	w->depth = d + 1;
	return 0;
}

// The topmost frame of the function is the one that returns; what is above it
// has returned unseen.
static __always_inline int leave(struct pt_regs *ctx)
{
	struct window *w = followed(ctx);
	__u64 ip;
	__u32 i, d;

	if (!w)
		return 0;
	ip = bpf_get_func_ip(ctx);
	d = w->depth;
	for (i = 0; i < DEPTH; i++) {
		if (!d)
			return 0;
		d--;
		if (w->frames[d & (DEPTH - 1)].ip == ip)
			break;
	}
	if (i == DEPTH)
		return 0;
	w->depth = d;
	if (failed(PT_REGS_RC(ctx)))
		record(ctx, w, w->frames[d & (DEPTH - 1)].in);
	return 0;
}

SEC("kprobe.multi")
int enter_multi(struct pt_regs *ctx) { return enter(ctx); }

SEC("kretprobe.multi")
int leave_multi(struct pt_regs *ctx) { return leave(ctx); }

SEC("kprobe")
int enter_one(struct pt_regs *ctx) { return enter(ctx); }

SEC("kretprobe")
int leave_one(struct pt_regs *ctx) { return leave(ctx); }
#endif
