// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links a path may lead through.
const maxLinks = 40

// resolve finds the path on the disk, without symbolic links, that a name of
// the guest means. The last link is followed where last says so. What need not
// exist is the last element alone. That nothing leaves the folder is not up to
// this: os.Root sees to it, also when links change meanwhile.
func (d *Disk) resolve(name string, last bool) (string, error) {
	if strings.ContainsRune(name, 0) {
		return "", syscall.EINVAL
	}
	rest := split(name)
	var at []string
	for links := 0; len(rest) > 0; {
		next := rest[0]
		rest = rest[1:]
		if next == ".." {
			at = at[:max(len(at)-1, 0)]
			continue
		}
		here := append(at[:len(at):len(at)], next)
		info, err := d.root.Lstat(path.Join(here...))
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(rest) == 0:
			return path.Join(here...), nil
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink != 0 && (last || len(rest) > 0):
			if links++; links > maxLinks {
				return "", syscall.ELOOP
			}
			target, err := d.root.Readlink(path.Join(here...))
			if err != nil {
				return "", err
			}
			if strings.HasPrefix(target, "/") {
				at = nil
			}
			rest = append(split(target), rest...)
		case !info.IsDir() && len(rest) > 0:
			return "", syscall.ENOTDIR
		default:
			at = here
		}
	}
	if len(at) == 0 {
		return ".", nil
	}
	return path.Join(at...), nil
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
