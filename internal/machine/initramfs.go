package machine

import (
	"bytes"
	"debug/elf"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// initScript is process 1 of the machine.
//
//go:embed init.sh
var initScript []byte

// rootModules are the modules without which there is no root file system and
// no output.
var rootModules = []string{"virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay"}

// initramfs returns the archive that the kernel starts from: busybox, the
// modules that lead to the host's files, and the shell command to run there.
func initramfs(k *Kernel, command string) ([]byte, error) {
	busybox, err := StaticBusybox()
	if err != nil {
		return nil, err
	}
	var a archive
	for _, dir := range []string{"bin", "dev", "lower", "modules", "proc", "root", "rw", "sys"} {
		a.add(dir, modeDir|0o755, nil)
	}
	a.add("bin/busybox", modeFile|0o755, busybox)
	a.add("init", modeFile|0o755, initScript)
	a.add("command", modeFile|0o644, []byte(command))
	order, err := k.LoadOrder(rootModules...)
	if err != nil {
		return nil, err
	}
	var list strings.Builder
	for _, path := range order {
		data, err := readModule(filepath.Join(k.modules, path))
		if err != nil {
			return nil, err
		}
		a.add("modules/"+moduleName(path), modeFile|0o644, data)
		list.WriteString(moduleName(path) + "\n")
	}
	a.add("modules/order", modeFile|0o644, []byte(list.String()))
	a.end()
	return a.Bytes(), nil
}

// StaticBusybox returns a busybox that runs without any library.
func StaticBusybox() ([]byte, error) {
	path, err := exec.LookPath("busybox")
	if err != nil {
		return nil, errors.New("busybox is not installed (package busybox-static)")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s is not linked statically (package busybox-static)", path)
		}
	}
	return data, nil
}

// readModule returns a module as the kernel loads it: distributions compress
// the files, each in its own way, and busybox cannot undo that.
func readModule(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	switch filepath.Ext(path) {
	case ".xz":
		r, err = xz.NewReader(f)
	case ".gz":
		r, err = gzip.NewReader(f)
	case ".zst":
		r, err = zstd.NewReader(f)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}
