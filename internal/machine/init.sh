#!/bin/busybox sh
# Process 1 of a test machine: mounts the host's files, read-only, below a layer
# in memory that takes what is written, and runs the command there as root.
busybox() { /bin/busybox "$@"; }

off() {
	echo o > /proc/sysrq-trigger
	while :; do busybox sleep 1; done
}

fail() {
	echo "vmtest: $1" > /dev/console
	off
}

# The folders of a kernel that a root file system has, below $1.
kernel_mounts() {
	busybox mount -t proc proc "$1/proc" &&
		busybox mount -t sysfs sysfs "$1/sys" &&
		busybox mount -t devtmpfs devtmpfs "$1/dev"
}

kernel_mounts ""
while read -r module; do
	busybox insmod "/modules/$module" || fail "cannot load $module"
done < /modules/order

plan9=trans=virtio,version=9p2000.L,msize=524288
busybox mount -t 9p -o "ro,cache=loose,$plan9" root /lower || fail "no root file system"
busybox mount -t tmpfs -o mode=755 tmpfs /rw
busybox mkdir /rw/upper /rw/work
busybox mount -t overlay -o lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work overlay /root ||
	fail "no layer over the root file system"

kernel_mounts /root || fail "no /proc, /sys or /dev"
busybox mkdir -p /root/dev/pts /root/dev/shm
busybox mount -t devpts devpts /root/dev/pts
busybox mount -t tmpfs tmpfs /root/dev/shm
busybox mount -t tmpfs -o mode=755 tmpfs /root/run
for fs in cgroup2:fs/cgroup bpf:fs/bpf tracefs:kernel/tracing debugfs:kernel/debug securityfs:kernel/security; do
	busybox mount -t "${fs%%:*}" "${fs%%:*}" "/root/sys/${fs#*:}" 2> /dev/null
done
busybox mkdir -m 1777 /root/run/tmp
busybox mkdir -p /root/run/out
# Without a cache, so that the host has each byte when it is written.
busybox mount -t 9p -o "$plan9,cache=none" out /root/run/out || fail "no folder for results"
busybox touch /root/run/out/.up # the kernel came up: the host stops counting
busybox hostname vmtest
busybox ip link set lo up

# The port has no name without udev; it is the only one.
for port in /dev/vport*; do
	exec > "$port" 2>&1 < /dev/null
done
command=$(busybox cat /command)
exec /bin/busybox switch_root /root /bin/sh -c "$command"
