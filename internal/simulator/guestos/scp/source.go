// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package scp

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// send is the sending side (source): it sends files to the client.
func (t *transfer) send(names []string) error {
	if _, err := t.answered(); err != nil {
		return err
	}
	for _, name := range names {
		if err := t.source(name, 0); err != nil {
			return err
		}
	}
	return nil
}

// source sends one file, or with -r a folder.
func (t *transfer) source(name string, depth int) error {
	if depth > maxDepth {
		return t.complain("%s: folders are nested too deeply", name)
	}
	found, err := t.p.Files.Stat(t.p.Path(name))
	switch {
	case err != nil:
		return t.complain("%s: %s", name, errorText(err))
	case found.IsDir() && t.recursive:
		return t.sendFolder(name, found, depth)
	case !found.Mode().IsRegular():
		return t.complain("%s: not a regular file", name)
	}
	file, err := t.p.Files.Open(t.p.Path(name))
	if err != nil {
		return t.complain("%s: %s", name, errorText(err))
	}
	defer func() { _ = file.Close() }() // only read
	ok, err := t.announce(fmt.Sprintf("C%04o %d %s\n", found.Mode().Perm(), found.Size(), base(name)), found)
	if !ok || err != nil {
		return err
	}
	copied, problem := io.Copy(t.p.Stdout, &withContext{t.ctx, io.LimitReader(file, found.Size())})
	if problem == nil && copied < found.Size() { // the file was truncated after Stat: send zeros, because the client waits for found.Size() bytes
		_, problem = io.CopyN(t.p.Stdout, zeros{}, found.Size()-copied)
		if problem == nil {
			problem = errors.New("the file was truncated")
		}
	}
	if problem != nil {
		if err := t.complain("%s: %s", name, errorText(problem)); err != nil {
			return err
		}
	} else if err := t.acknowledge(); err != nil {
		return err
	}
	_, err = t.answered()
	return err
}

type zeros struct{}

// Read fills p with zeros.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// base returns the name under which a file is sent to the client.
func base(name string) string {
	name = strings.ReplaceAll(path.Base(name), "\n", "?")
	if name == ".." || name == "/" {
		return "."
	}
	return name
}

// announce sends a record. With -p, announce first sends the times of the file.
func (t *transfer) announce(line string, found fs.FileInfo) (ok bool, err error) {
	if t.preserve {
		at := max(found.ModTime().Unix(), 0)
		if _, err := fmt.Fprintf(t.p.Stdout, "T%d 0 %d 0\n", at, at); err != nil {
			return false, err
		}
		if ok, err := t.answered(); !ok || err != nil {
			return false, err
		}
	}
	if _, err := io.WriteString(t.p.Stdout, line); err != nil {
		return false, err
	}
	return t.answered()
}

func (t *transfer) sendFolder(name string, found fs.FileInfo, depth int) error {
	entries, err := t.p.Files.ReadDir(t.p.Path(name))
	if err != nil {
		return t.complain("%s: %s", name, errorText(err))
	}
	ok, err := t.announce(fmt.Sprintf("D%04o 0 %s\n", found.Mode().Perm(), base(name)), found)
	if !ok || err != nil {
		return err
	}
	for _, entry := range entries {
		if err := t.source(path.Join(name, entry.Name()), depth+1); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(t.p.Stdout, "E\n"); err != nil {
		return err
	}
	_, err = t.answered()
	return err
}
