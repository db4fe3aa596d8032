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
	// maxLinks is how many symbolic links a path may lead through.
	maxLinks = 40
	// maxName is the length of the longest name that is understood.
	maxName = 4096
	// maxPath and maxLevels bound where a file may lie: the host takes a path of
	// so many bytes only, and looks at each level of it.
	maxPath   = 3000
	maxLevels = 128
)

// resolve finds the path on the disk, without symbolic links, that a name of
// the guest means. The last link is followed where last says so. What need not
// exist is the last element alone. That nothing leaves the folder is not up to
// this: os.Root sees to it, also when links change meanwhile.
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

// openPath are the folders from the root to where a path has led, each open, so
// that one more level costs no more than the first.
type openPath struct {
	root  *os.Root
	names []string
	roots []*os.Root
}

// path is the path on the disk.
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
		_ = w.roots[last].Close() // only looked at
		w.names, w.roots = w.names[:last], w.roots[:last]
	}
}

// toRoot goes back to the root.
func (w *openPath) toRoot() {
	for len(w.roots) > 0 {
		w.up()
	}
}

// split are the elements of a path; those that mean nothing are left out.
func split(name string) []string {
	var elements []string
	for element := range strings.SplitSeq(name, "/") {
		if element != "" && element != "." {
			elements = append(elements, element)
		}
	}
	return elements
}
