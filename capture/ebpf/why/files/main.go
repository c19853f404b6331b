// The program files makes the table of which file of the kernel's source has
// which function, from unpacked sources:
//
//	go run ./capture/ebpf/why/files -o capture/ebpf/why/files.txt.zst SOURCE…
//
// The first source that has a function decides; of a name that several files
// have, all are kept.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Where functions are that netlink requests go through.
var trees = []string{
	"net", "drivers/net/*.c", "drivers/net/bonding", "drivers/net/team", "drivers/net/wireguard", "drivers/net/vxlan", "drivers/net/ipvlan",
	"drivers/net/netdevsim", "drivers/net/can/dev", "drivers/net/can/vxcan.c", "drivers/net/can/vcan.c", "drivers/net/ovpn", "drivers/net/wireless/virtual", "drivers/net/wireless/mac80211_hwsim.c",
	"drivers/connector", "drivers/infiniband/core", "crypto/crypto_user*.c", "lib/nlattr.c", "kernel/audit*.c", "kernel/taskstats.c",
	"kernel/cgroup/cgroup-v1.c", "fs/nfsd/nfsctl.c", "drivers/block/nbd.c", "drivers/thermal/thermal_netlink.c", "drivers/scsi/scsi_transport_iscsi.c",
}

// A function begins at the left margin; its name stands before the first
// parenthesis of a line that does not end in a semicolon.
var definition = regexp.MustCompile(`(?m)^[A-Za-z_][^\n;={}#"]*?\b([a-z_][A-Za-z0-9_]*)\([^;{}]*\)[^;{}()=]*\n\{`)

func main() {
	out := flag.String("o", "files.txt.zst", "the table")
	flag.Parse()
	files := map[string]map[string]bool{} // by file: functions
	owner := map[string]string{}          // the source that decides for a function
	for _, source := range flag.Args() {
		for _, tree := range trees {
			matches, _ := filepath.Glob(filepath.Join(source, tree))
			for _, m := range matches {
				err := filepath.WalkDir(m, func(path string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() || !strings.HasSuffix(path, ".c") {
						return err
					}
					text, err := os.ReadFile(path)
					if err != nil {
						return err
					}
					rel, err := filepath.Rel(source, path)
					if err != nil {
						return err
					}
					for _, f := range definition.FindAllSubmatch(text, -1) {
						name := string(f[1])
						if o, ok := owner[name]; ok && o != source {
							continue
						}
						owner[name] = source
						if files[rel] == nil {
							files[rel] = map[string]bool{}
						}
						files[rel][name] = true
					}
					return nil
				})
				if err != nil {
					fmt.Fprintln(os.Stderr, "files:", err)
					os.Exit(1)
				}
			}
		}
	}
	var b bytes.Buffer
	var names []string
	for file := range files {
		names = append(names, file)
	}
	slices.Sort(names)
	total := 0
	for _, file := range names {
		var list []string
		for f := range files[file] {
			list = append(list, f)
		}
		slices.Sort(list)
		total += len(list)
		fmt.Fprintf(&b, "%s %s\n", file, strings.Join(list, " "))
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err == nil {
		err = os.WriteFile(*out, w.EncodeAll(b.Bytes(), nil), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "files:", err)
		os.Exit(1)
	}
	fmt.Printf("%d functions in %d files\n", total, len(names))
}
