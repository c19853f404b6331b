"""Prints what the kernel's ynl makes of the specifications, of what requests need:
ynltable.py tools/net/ynl SPECS."""
import os
import sys

sys.path[:0] = [sys.argv[1], os.path.join(sys.argv[1], "pyynl")]
from lib import SpecFamily  # noqa: E402

SCALARS = {"u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64"}


def order(x):
    return {"big-endian": "/be", "little-endian": "/le", None: ""}[x.byte_order]


class Table:
    def __init__(self, family):
        self.family = family
        self.todo, self.seen = [], set()
        self.selectors = {a.selector for s in family.attr_sets.values() for a in s.attrs.values()}

    def need(self, kind, name):
        if name and (kind, name) not in self.seen:
            self.seen.add((kind, name))
            self.todo.append((kind, name))
        return name or "-"

    def attr(self, a):
        """The type as the tool takes it, with what that needs; None if it takes none."""
        t = a.type
        if t == "nest":
            t = "nest=" + self.need("set", a.yaml["nested-attributes"])
        elif t == "indexed-array" and a.sub_type == "nest":
            t = "indexed=" + self.need("set", a.yaml["nested-attributes"])
        elif t == "sub-message":
            t = "sub=" + self.need("sub", a.sub_message) + "," + a.selector
        elif t == "binary" and a.struct_name:
            t = "binary=" + self.need("struct", a.struct_name)
        elif t not in SCALARS | {"binary", "flag", "string", "bitfield32", "uint", "sint"}:
            return None
        t += order(a)
        if a.display_hint:
            t += " " + a.display_hint
        if a.is_multi:
            t += " multi"
        if a.name in self.selectors and "enum" in a.yaml:
            e = self.family.consts[a.yaml["enum"]]
            t += " " + ",".join("%s=%d" % (x.name, x.user_value()) for x in e.entries.values())
        return t

    def member(self, m):
        if m.type == "pad" or m.type == "binary" and not m.struct:
            return "%s=%s" % (m.type, m.len)
        if m.type == "binary":
            return "binary=" + self.need("struct", m.struct)
        return (m.type if m.type in SCALARS else "none") + order(m)

    def print(self, file):
        f = self.family
        print("family", file, f.yaml.get("protonum", 16), f.yaml["name"])
        for o in f.ops.values():
            modes = ",".join(m for m in ("do", "dump") if m in o.yaml)
            print("op", o.name, o.req_value, modes, self.need("set", o.attr_set.name), self.need("struct", o.fixed_header))
        while self.todo:
            kind, name = self.todo.pop(0)
            print(kind, name)
            if kind == "set":
                for a in f.attr_sets[name].attrs.values():
                    if text := self.attr(a):
                        print("", a.value, a.name, text)
            elif kind == "struct":
                for m in f.consts[name].members:
                    print("", m.name, self.member(m))
            else:
                for x in f.sub_msgs[name].formats.values():
                    print("", x.value, self.need("set", x.attr_set), self.need("struct", x.fixed_header))


for name in sorted(os.listdir(sys.argv[2])):
    if name.endswith(".yaml"):
        Table(SpecFamily(os.path.join(sys.argv[2], name), "")).print(name[:-5])
