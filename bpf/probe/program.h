// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Which program a process is, told once for each that it runs.
#pragma once
#include "../kernel.h"
#include "record.h"
#include "wanted.h"

enum {
	PATH = 256,
	PART = 64,
	PARTS = 20, // and mounts on the way
};

// running is which program a process is.
struct running {
	__u64 start;
	__u64 execs;
};

// The programs of processes that were told.
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct running);
} programs SEC(".maps");

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
