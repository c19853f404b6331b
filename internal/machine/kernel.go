package machine

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Kernel is one installed kernel: its image and its modules.
type Kernel struct {
	Release string // as uname -r prints it
	Image   string // what boots
	modules string // the folder of its modules

	// files is where each module is, by name, relative to modules, followed by
	// the files it depends on. A builtin module has none.
	files map[string][]string
}

// FindKernel returns the installed kernel of a version such as "6.12", the
// newest if there are several. It looks below root ("/" but for tests) for
// modules in lib/modules and for images in boot or beside the modules. An
// ordinary build wins over a variant: cloud kernels leave out what we test.
func FindKernel(root, version string) (*Kernel, error) {
	dirs, err := filepath.Glob(filepath.Join(root, "lib/modules", version+"*", "modules.dep"))
	if err != nil {
		return nil, err
	}
	var found []*Kernel
	for _, dep := range dirs {
		k := &Kernel{modules: filepath.Dir(dep)}
		k.Release = filepath.Base(k.modules)
		if rest := strings.TrimPrefix(k.Release, version); rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			continue // 6.12 is not a 6.1
		}
		for _, image := range []string{filepath.Join(root, "boot/vmlinuz-"+k.Release), filepath.Join(k.modules, "vmlinuz")} {
			if f, err := os.Open(image); err == nil {
				f.Close()
				k.Image = image
				found = append(found, k)
				break
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no kernel %s is installed (vmlinuz in /boot with its /lib/modules)", version)
	}
	best := slices.MaxFunc(found, func(a, b *Kernel) int {
		return cmp.Or(-cmp.Compare(variant(a.Release), variant(b.Release)), compareReleases(a.Release, b.Release))
	})
	return best, best.readModules()
}

// variant ranks a build of a kernel: 0 is what most machines run.
func variant(release string) int {
	switch {
	case strings.Contains(release, "cloud"):
		return 2
	case strings.Contains(release, "-rt"):
		return 1
	}
	return 0
}

// compareReleases compares the numbers in two releases, in order.
func compareReleases(a, b string) int {
	numbers := func(s string) []int {
		var out []int
		for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
			n, _ := strconv.Atoi(w) // no number that is too large is in a release
			out = append(out, n)
		}
		return out
	}
	return slices.Compare(numbers(a), numbers(b))
}

// readModules reads the indexes that depmod writes.
func (k *Kernel) readModules() error {
	k.files = map[string][]string{}
	// modules.builtin is missing where everything is a module.
	builtin, _ := os.ReadFile(filepath.Join(k.modules, "modules.builtin"))
	for path := range strings.FieldsSeq(string(builtin)) {
		k.files[moduleName(path)] = nil
	}
	deps, err := os.ReadFile(filepath.Join(k.modules, "modules.dep"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(deps)) {
		path, rest, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("%s/modules.dep: no colon in %q", k.modules, line)
		}
		k.files[moduleName(path)] = append([]string{path}, strings.Fields(rest)...)
	}
	return nil
}

// moduleName is the name of the module in a file, as lsmod prints it.
func moduleName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".ko")
	return strings.ReplaceAll(name, "-", "_")
}

// Has reports whether the kernel has a module, loadable or builtin.
func (k *Kernel) Has(module string) bool {
	_, ok := k.files[strings.ReplaceAll(module, "-", "_")]
	return ok
}

// LoadOrder returns the files of modules and of all that they depend on, each
// once and after what it needs. What is built in is left out.
func (k *Kernel) LoadOrder(modules ...string) ([]string, error) {
	var order []string
	for _, m := range modules {
		if !k.Has(m) {
			return nil, fmt.Errorf("kernel %s has no module %s", k.Release, m)
		}
		// depmod lists what a module needs with the deepest last.
		for _, path := range slices.Backward(k.files[strings.ReplaceAll(m, "-", "_")]) {
			if !slices.Contains(order, path) {
				order = append(order, path)
			}
		}
	}
	return order, nil
}

// Find returns the kernel of a version, or of an image: a path, whose name ends
// in the release whose modules are in /lib/modules ("/boot/vmlinuz-6.12.3"), or
// that lies in their folder.
func Find(what string) (*Kernel, error) {
	if !strings.Contains(what, "/") {
		return FindKernel("/", what)
	}
	if _, err := os.Stat(what); err != nil {
		return nil, err
	}
	_, release, _ := strings.Cut(filepath.Base(what), "-")
	if release == "" {
		release = filepath.Base(filepath.Dir(what))
	}
	k := &Kernel{Release: release, Image: what, modules: filepath.Join("/lib/modules", release)}
	if err := k.readModules(); err != nil {
		return nil, fmt.Errorf("%s: its modules are needed: %w", what, err)
	}
	return k, nil
}
