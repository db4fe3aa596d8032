// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// maxDnsmasqFiles is the maximum number of files in one configuration of
// dnsmasq.
const maxDnsmasqFiles = 500

// missingConfig reports that a file or folder of a configuration cannot be
// read.
type missingConfig struct{ text string }

func (m missingConfig) Error() string { return m.text }

// dnsmasqReader reads a configuration of dnsmasq with all files that it
// includes.
type dnsmasqReader struct {
	files  disk.FS
	config dhcpConfig
	seen   map[string]bool
}

// readDnsmasq reads a configuration file. If folder is not empty, readDnsmasq
// also reads the files of a folder, given as "FOLDER[,EXTENSION...]". Like
// dnsmasq, it rejects unknown options.
func readDnsmasq(files disk.FS, file, folder string) (dhcpConfig, error) {
	r := &dnsmasqReader{files, dhcpConfig{reserved: map[string]netip.Addr{}}, map[string]bool{}}
	err := r.file(file)
	if file == dnsmasqFile && errors.As(err, new(missingConfig)) && !r.exists(file) {
		err = nil // the default file is optional
	}
	if err == nil && folder != "" {
		err = r.folder(folder)
	}
	return r.config, err
}

func (r *dnsmasqReader) exists(name string) bool {
	_, err := r.files.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

func (r *dnsmasqReader) file(name string) error {
	if r.seen[name] || name == "/dev/null" {
		return nil
	}
	if r.seen[name] = true; len(r.seen) > maxDnsmasqFiles {
		return fmt.Errorf("more than %d files", maxDnsmasqFiles)
	}
	text, err := readFile(r.files, name)
	if err != nil {
		return missingConfig{fmt.Sprintf("cannot read %s: No such file or directory", name)}
	}
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case key == "":
		case key == "conf-file" && value != "":
			err = r.file(path.Clean("/" + value))
		case key == "conf-dir" && value != "":
			err = r.folder(value)
		default:
			if err = r.config.set(key, strings.Split(value, ",")); err != nil {
				err = fmt.Errorf("%w at line %d of %s", err, i+1, name)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folder reads the files of "FOLDER[,.EXTENSION][,*.EXTENSION]". An extension
// excludes the files that have it; an extension with a star excludes the files
// that do not have it.
func (r *dnsmasqReader) folder(text string) error {
	words := strings.Split(text, ",")
	dir := path.Clean("/" + strings.TrimSpace(words[0]))
	entries, err := r.files.ReadDir(dir)
	if err != nil {
		return missingConfig{fmt.Sprintf("cannot access directory %s: No such file or directory", dir)}
	}
	for _, entry := range entries {
		if !readFrom(entry.Name(), words[1:]) {
			continue
		}
		if found, err := r.files.Stat(path.Join(dir, entry.Name())); err != nil || !found.Mode().IsRegular() {
			continue
		}
		if err := r.file(path.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// readFrom reports whether dnsmasq reads a file with this name from a folder.
func readFrom(name string, extensions []string) bool {
	if strings.HasSuffix(name, "~") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#") {
		return false
	}
	only, matches := false, false
	for _, extension := range extensions {
		extension = strings.TrimSpace(extension)
		if ending, included := strings.CutPrefix(extension, "*"); included && ending != "" {
			only = true
			matches = matches || strings.HasSuffix(name, ending)
		} else if !included && extension != "" && strings.HasSuffix(name, extension) {
			return false
		}
	}
	return matches || !only
}
