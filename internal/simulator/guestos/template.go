// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/packages"
)

// baseFile is a file of a GoGrid base image.
type baseFile struct {
	text string
	mode fs.FileMode
}

// makeBase creates the disk of a GoGrid base image. It marks the disk as
// prepared, so that servers created from the image get their own password, host
// key and host name.
func makeBase(dir string, s Server, limit int64) error {
	temporary := dir + partial
	if err := errors.Join(disk.Remove(temporary), os.Mkdir(temporary, 0o700)); err != nil {
		return err
	}
	files, err := disk.Create(filepath.Join(temporary, filesName), limit)
	if err != nil {
		return err
	}
	err = errors.Join(fill(files, s), files.Close(), writeRecord(filepath.Join(temporary, recordName), deviceRecord{
		Hostname: "localhost", Prepared: true,
		Accounts: map[string]account{"root": {Home: "/root"}},
		Private:  adapter{Mode: modeDHCP},
	}))
	if err != nil {
		return errors.Join(err, disk.Remove(temporary))
	}
	return os.Rename(temporary, dir)
}

func fill(files *disk.Disk, s Server) error {
	if s.Family == Windows {
		return files.MkdirAll("/Windows/System32", 0o755)
	}
	for _, folder := range []string{
		"/bin", "/dev", "/etc/init.d", "/etc/pki/tls/private", "/etc/ssl/private", "/etc/rc.d", "/etc/systemd/system", "/home", "/mnt", "/opt",
		"/proc", "/root", "/sbin", "/srv", "/tmp", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/usr/share", "/var/cache", "/var/lib", "/var/log", "/var/www/html",
	} {
		if err := files.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	all := baseFiles(s.OS)
	for _, p := range packages.NewSet(packages.FamilyOf(s.OS), nil).Installed() {
		for _, folder := range p.Folders {
			if err := files.MkdirAll(folder, 0o755); err != nil {
				return err
			}
		}
		for name, text := range p.Files {
			all[name] = baseFile{text, 0o644}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := writeFile(files, name, all[name].text, all[name].mode); err != nil {
			return err
		}
	}
	return nil
}

// baseFiles returns the files that every Linux has, and the release files of
// the distribution.
func baseFiles(system string) map[string]baseFile {
	all := map[string]baseFile{
		"/etc/passwd":   {"root:x:0:0:root:/root:/bin/sh\nnobody:x:99:99:Nobody:/:/sbin/nologin\n", 0o644},
		"/etc/group":    {"root:x:0:\nnobody:x:99:\n", 0o644},
		"/etc/hosts":    {"127.0.0.1 localhost\n", 0o644},
		"/etc/fstab":    {"/dev/xvda1 / ext3 defaults 1 1\n", 0o644},
		"/etc/motd":     {"", 0o644},
		"/etc/issue":    {system + "\n", 0o644},
		"/root/.bashrc": {"# .bashrc\n", 0o644},
	}
	switch packages.FamilyOf(system) {
	case packages.RedHat:
		all["/etc/redhat-release"] = baseFile{system + "\n", 0o644}
		all["/etc/sysconfig/network-scripts/ifcfg-eth0"] = baseFile{"DEVICE=eth0\nONBOOT=yes\nBOOTPROTO=static\n", 0o644}
		all["/etc/sysconfig/network-scripts/ifcfg-eth1"] = baseFile{"DEVICE=eth1\nONBOOT=no\nBOOTPROTO=dhcp\n", 0o644}
	default:
		all["/etc/debian_version"] = baseFile{system + "\n", 0o644}
		all["/etc/network/interfaces"] = baseFile{"auto lo eth0\niface lo inet loopback\niface eth0 inet static\niface eth1 inet dhcp\n", 0o644}
	}
	return all
}

func writeFile(files disk.FS, name, text string, mode fs.FileMode) error {
	if err := files.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := files.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	return errors.Join(err, file.Close())
}

// replaceFile replaces a file atomically, even if the simulator is killed.
func replaceFile(files disk.FS, name, text string, mode fs.FileMode) error {
	next := name + ".new"
	if err := writeFile(files, next, text, mode); err != nil {
		return err
	}
	return files.Rename(next, name)
}

// maxText is the maximum number of bytes that readFile reads from a file.
const maxText = 1 << 20

func readFile(files disk.FS, name string) (string, error) {
	file, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, maxText))
	return string(text), err
}
