// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// The members that are read of the kernel's own structures; where they are is
// found when a program is loaded.
#pragma once
#include <linux/types.h>

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
	void *stack;
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
struct sk_buff_head {
	__u32 qlen;
};
struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
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
	__u32 nlmsg_len;
	__u16 nlmsg_type;
	__u16 nlmsg_flags;
	__u32 nlmsg_seq;
	__u32 nlmsg_pid;
};
struct nlattr {
	__u16 nla_len;
};
struct nla_policy {
	__u8 type;
	__u8 validation_type;
	__u16 len;
};
struct netlink_ext_ack {
	const char *_msg;
	const struct nlattr *bad_attr;
	const struct nla_policy *policy;
	const struct nlattr *miss_nest;
	__u16 miss_type;
};
struct netlink_callback {
	const struct nlmsghdr *nlh;
	struct netlink_ext_ack *extack;
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
