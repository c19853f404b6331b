package doctor

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// nlmon looks for the module: loaded, built in, or there to be loaded, which
// the kernel does by itself when an interface of its kind is made.
func (s *System) nlmon() Check {
	c := Check{Name: "nlmon"}
	dir := "lib/modules/" + s.Release
	builtin, dep := s.read(dir+"/modules.builtin"), s.read(dir+"/modules.dep")
	config := s.config()
	switch {
	case s.monitor() != "":
		c.State, c.Text = Yes, "the interface "+s.monitor()+" is there, and up"
	case s.exists("sys/module/nlmon"):
		c.State, c.Text = Yes, "the module is loaded"
	case hasModule(builtin) || config == "y":
		c.State, c.Text = Yes, "built into the kernel"
	case hasModule(dep) && strings.TrimSpace(s.read("proc/sys/kernel/modules_disabled")) == "1":
		c.State, c.Text = No, "the module is installed, but this kernel loads no more modules (kernel.modules_disabled)"
		c.Hint = "modprobe nlmon early after the next boot"
	case hasModule(dep):
		c.State, c.Text = Yes, "the module is installed, and is loaded when it is needed"
	case config == "m" && s.Release != "":
		c.State, c.Text = No, "this kernel has the module, but it is not installed here"
		c.Hint = s.moduleHint()
	case config == "n":
		c.State, c.Text = No, "this kernel was built without it (CONFIG_NLMON is not set)"
		c.Hint = "boot a kernel of a distribution, or one built with CONFIG_NLMON=m"
	case dep != "":
		c.State, c.Text = No, "the module is not installed"
		c.Hint = s.moduleHint()
	default:
		c.Text = "neither the modules nor the configuration of this kernel can be seen from here, as in a container"
		c.Hint = "to try: sudo ip link add nlmon9 type nlmon && sudo ip link del nlmon9"
	}
	return c
}

// monitor returns the name of an nlmon interface that is up, "" if there is none.
func (s *System) monitor() string {
	if s.Root == nil {
		return ""
	}
	const arphrdNetlink, iffUp = "824", 1 // linux/if_arp.h, linux/if.h
	list, _ := fs.ReadDir(s.Root, "sys/class/net")
	for _, e := range list {
		dir := "sys/class/net/" + e.Name() + "/"
		flags, err := strconv.ParseUint(strings.TrimSpace(s.read(dir+"flags")), 0, 32)
		if strings.TrimSpace(s.read(dir+"type")) == arphrdNetlink && err == nil && flags&iffUp != 0 {
			return e.Name()
		}
	}
	return ""
}

func (s *System) moduleHint() string {
	if s.ModuleHint != "" {
		return s.ModuleHint
	}
	return "install all modules of the kernel"
}

// hasModule looks for nlmon in a list of modules with their paths.
func hasModule(list string) bool {
	for line := range strings.Lines(list) {
		path, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		name := path[strings.LastIndexByte(path, '/')+1:]
		if name, _, _ = strings.Cut(name, ".ko"); name == "nlmon" {
			return true
		}
	}
	return false
}

// maxConfig bounds what a configuration may inflate to.
const maxConfig = 4 << 20

// config returns y, m or n for CONFIG_NLMON, "" if no configuration is there.
func (s *System) config() string {
	text := ""
	if packed, err := s.file("proc/config.gz"); err == nil {
		if z, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
			b, _ := io.ReadAll(io.LimitReader(z, maxConfig))
			text = string(b)
		}
	}
	for _, path := range []string{"boot/config-" + s.Release, "lib/modules/" + s.Release + "/config", "usr/lib/kernel/config-" + s.Release} {
		if text == "" {
			text = s.read(path)
		}
	}
	if !strings.Contains(text, "CONFIG_NET=y") {
		return "" // not a configuration, or one of something else
	}
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "CONFIG_NLMON="); ok {
			return v
		}
	}
	return "n"
}
