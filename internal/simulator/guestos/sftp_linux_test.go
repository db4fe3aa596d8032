// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pkg/sftp"
)

// files boots a server and returns an SFTP client for it.
func (r *rig) files(id int64) *sftp.Client {
	r.t.Helper()
	client, err := r.dial(r.server(id), "root", password)
	must(r.t, err)
	r.t.Cleanup(func() { _ = client.Close() })
	files, err := sftp.NewClient(client)
	must(r.t, err)
	r.t.Cleanup(func() { _ = files.Close() })
	return files
}

// Every name that SFTP receives refers to the guest's disk.
func TestSFTPIsConfined(t *testing.T) {
	t.Parallel()
	const secret = "of the host"
	r := newRig(t)
	outside := filepath.Join(r.dir, "secret")
	must(t, os.WriteFile(outside, []byte(secret), 0o600))
	before, err := os.ReadDir(r.dir)
	must(t, err)
	files := r.files(1)
	up := strings.Repeat("../", 30)
	for link, target := range map[string]string{"/l1": outside, "/l2": up + strings.TrimPrefix(outside, "/"), "/l3": "/..", "/l4": r.dir, "/l5": "../../secret"} {
		must(t, files.Symlink(target, link))
		if found, err := files.ReadLink(link); err != nil || found != target {
			t.Errorf("%s leads to %q (%v), want %q", link, found, err, target)
		}
	}
	for _, name := range []string{
		outside, "../../secret", up + strings.TrimPrefix(outside, "/"), "/l1", "/l2", "/l5", "/l3/secret", "/l4/secret", "/l4/../secret", "/l3/l3/l4/secret",
		"/proc/self/environ", "/proc/1/root/etc/passwd", "/dev/fd/0", "/root/../../../../../etc/hostname", "a\x00b", "//../" + outside,
	} {
		if file, err := files.Open(name); err == nil {
			text, _ := io.ReadAll(file)
			_ = file.Close()
			if len(text) > 0 && string(text) != "of the guest" {
				t.Errorf("%s was read: %q", name, text)
			}
		}
		if file, err := files.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC); err == nil {
			_, _ = io.WriteString(file, "of the guest")
			_ = file.Close()
		}
		_, _ = files.Stat(name)
		_ = files.Chmod(name, 0o777)
		_ = files.Truncate(name, 0)
		_ = files.Mkdir(name + "d")
		_ = files.Link(name, "/hard")
		_ = files.Rename(name, "/taken")
		_ = files.PosixRename("/l1", name)
		_ = files.Remove(name)
		_ = files.RemoveDirectory(name)
	}
	for _, pair := range [][2]string{{"/", "/x"}, {"/..", "/x"}, {"/etc", "/.."}, {"/etc", "/"}, {"/etc", "/../.."}} {
		if files.Rename(pair[0], pair[1]) == nil || files.PosixRename(pair[0], pair[1]) == nil {
			t.Errorf("%s was renamed to %s", pair[0], pair[1])
		}
	}
	if text, err := os.ReadFile(outside); err != nil || string(text) != secret {
		t.Errorf("the host's file holds %q (%v)", text, err)
	}
	after, err := os.ReadDir(r.dir)
	if err != nil || len(after) != len(before)+2 { // the host has added folders for the image and the server
		t.Errorf("the folder of the disks now holds %v (%v), and held %v before", after, err, before)
	}
}

// SFTP requests cannot exceed the limit of a disk, even with sizes that
// overflow.
func TestSFTPIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	files := r.files(1)
	file, err := files.Create("/root/file")
	must(t, err)
	defer func() { _ = file.Close() }()
	for _, size := range []int64{65 << 20, 1 << 62, 1<<63 - 1, -1} {
		if err := file.Truncate(size); err == nil {
			t.Errorf("a file was resized to %d bytes", size)
		}
		if _, err := file.WriteAt([]byte("text"), size); err == nil {
			t.Errorf("a file was written at offset %d", size)
		}
	}
	_, err = file.WriteAt(make([]byte, 63<<20), 0)
	must(t, err)
	if _, err := file.WriteAt(make([]byte, 2<<20), 63<<20); err == nil {
		t.Error("a write exceeded the limit of the disk")
	}
	if used := r.Used(1); used > 64<<20 {
		t.Errorf("the disk holds %d bytes", used)
	}
	var open []*sftp.File
	for range 1100 {
		file, err := files.Open("/etc/passwd")
		if err != nil {
			break
		}
		open = append(open, file)
	}
	if len(open) >= 1100 {
		t.Error("the number of open files is not limited")
	}
	for _, file := range open {
		must(t, file.Close())
	}
}
