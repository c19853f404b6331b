package ynl

import (
	"slices"
	"testing"

	"github.com/nlsniff/nlsniff/families"
)

func TestHead(t *testing.T) {
	f := read(t, `name: my-fam
protocol: genetlink-legacy
doc: A family
uapi-header: linux/fam.h
version: 2
c-family-name: fam-genl-name
c-version-name: fam-genl-version
max-by-define: true
cmd-max-name: fam-cmd-top
cmd-cnt-name: --fam-cmd-cnt
kernel-policy: per-op
kernel-family: {headers: [a.h], sock-priv: struct x}
definitions: [{name: e, type: enum, header: linux/other.h, entries: []}]
operations: {list: []}
mcast-groups: {list: [{name: monitor, c-define-name: x-name, flags: [admin-perm]}, {name: config}]}
`)
	if f.Name != "my-fam" || f.Genl != "my-fam" || f.Protocol != families.ProtoGeneric || f.Version != 2 ||
		f.Subsys != -1 || f.Origin != "t.yaml" {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(f.Headers, []string{"linux/fam.h", "linux/other.h"}) {
		t.Errorf("headers %q", f.Headers)
	}
	if !slices.Equal(f.Groups, []families.Group{{Name: "monitor"}, {Name: "config"}}) {
		t.Errorf("groups %v", f.Groups)
	}

	f = read(t, "name: fam\noperations: {list: []}\n")
	if f.Version != 1 || !slices.Equal(f.Headers, []string{"linux/fam.h"}) {
		t.Errorf("%+v", f)
	}

	f = read(t, `name: fam
protocol: netlink-raw
protonum: 12
operations: {list: []}
mcast-groups: {list: [{name: rtnlgrp-link, value: 1}, {name: rtnlgrp-stats, value: 36}]}
`)
	if f.Genl != "" || f.Protocol != 12 || f.Version != 0 {
		t.Errorf("%+v", f)
	}
	if !slices.Equal(f.Groups, []families.Group{{ID: 1, Name: "RTNLGRP_LINK"}, {ID: 36, Name: "RTNLGRP_STATS"}}) {
		t.Errorf("groups %v", f.Groups)
	}
}

func TestHeadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "t.yaml: empty",
		"5":                             "t.yaml:1:1: not a YNL spec",
		"[]":                            "t.yaml:1:1: not a YNL spec",
		"{}":                            "t.yaml:1:1: no family name",
		"name: fam":                     "t.yaml:1:1: no operations: not a YNL spec",
		"name: [a]\noperations: {}":     "t.yaml:1:7: name should be a word",
		"name: a b\noperations: {}":     `t.yaml:1:7: bad name "a b"`,
		"name: fam\noperations: null\n": "t.yaml:1:1: no operations: not a YNL spec",
		"name: fam\nprotocol: tcp\noperations: {list: []}":                        `t.yaml:2:11: unknown protocol "tcp"`,
		"name: fam\nprotocol: netlink-raw\noperations: {list: []}":                "t.yaml:1:1: netlink-raw needs a protonum",
		"name: fam\nprotocol: netlink-raw\nprotonum: 256\noperations: {list: []}": "t.yaml:1:1: netlink-raw needs a protonum\nt.yaml:3:11: protonum is 256, should be from 0 to 255",
		"name: fam\nversion: 0\noperations: {list: []}":                           "t.yaml:2:10: version is 0, should be from 1 to 255",
		"name: fam\nversion: two\noperations: {list: []}":                         `t.yaml:2:10: version should be a number, not "two"`,
	} {
		complain(t, text, want)
	}
}
