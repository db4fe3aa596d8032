// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

const (
	// maxLinks is the maximum number of symbolic links in a path.
	maxLinks = 40
	// maxName is the maximum length of a name in bytes.
	maxName = 4096
	// maxPath (in bytes) and maxLevels limit the path of a file, because the host
	// limits the length of paths and takes time for each level.
	maxPath   = 3000
	maxLevels = 128
)

// resolve returns the path on the disk for a name that the guest uses. The path
// contains no symbolic link, except as its last element if last is false. Only
// the last element may be missing. Confinement does not depend on resolve:
// os.Root confines every access, even if a link changes after resolve returns.
func (d *Disk) resolve(name string, last bool) (string, error) {
	switch {
	case strings.ContainsRune(name, 0):
		return "", syscall.EINVAL
	case len(name) > maxName:
		return "", syscall.ENAMETOOLONG
	}
	rest := split(name)
	w := openPath{root: d.root}
	defer w.toRoot()
	for links := 0; len(rest) > 0; {
		next := rest[0]
		rest = rest[1:]
		if next == ".." {
			w.up()
			continue
		}
		joined := path.Join(w.path(), next)
		switch {
		case joined == spareName:
			return "", syscall.EPERM
		case len(w.names) >= maxLevels, len(joined) > maxPath:
			return "", syscall.ENAMETOOLONG
		}
		info, err := w.current().Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(rest) == 0:
			return joined, nil
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink != 0 && (last || len(rest) > 0):
			if links++; links > maxLinks {
				return "", syscall.ELOOP
			}
			target, err := w.current().Readlink(next)
			if err != nil {
				return "", err
			}
			if strings.HasPrefix(target, "/") {
				w.toRoot()
			}
			rest = append(split(target), rest...)
		case len(rest) == 0:
			return joined, nil
		case !info.IsDir():
			return "", syscall.ENOTDIR
		default:
			if err := w.down(next); err != nil {
				return "", err
			}
		}
	}
	return w.path(), nil
}

// openPath holds the open folders from the root to the current position, so that
// the cost of a level does not grow with the depth.
type openPath struct {
	root  *os.Root
	names []string
	roots []*os.Root
}

// path returns the current path on the disk.
func (w *openPath) path() string { return path.Join(append([]string{"."}, w.names...)...) }

func (w *openPath) current() *os.Root {
	if len(w.roots) == 0 {
		return w.root
	}
	return w.roots[len(w.roots)-1]
}

func (w *openPath) down(name string) error {
	next, err := w.current().OpenRoot(name)
	if err == nil {
		w.names, w.roots = append(w.names, name), append(w.roots, next)
	}
	return err
}

func (w *openPath) up() {
	if last := len(w.roots) - 1; last >= 0 {
		_ = w.roots[last].Close() // nothing was written
		w.names, w.roots = w.names[:last], w.roots[:last]
	}
}

// toRoot returns to the root.
func (w *openPath) toRoot() {
	for len(w.roots) > 0 {
		w.up()
	}
}

// split returns the elements of a path without empty and "." elements.
func split(name string) []string {
	var elements []string
	for element := range strings.SplitSeq(name, "/") {
		if element != "" && element != "." {
			elements = append(elements, element)
		}
	}
	return elements
}
