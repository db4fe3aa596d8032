// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// refusal is the error of a guest that cannot use Cloud Storage. smb and mount
// hold the messages of smbclient and mount.
type refusal struct{ smb, mount, why string }

func (r refusal) Error() string { return r.mount + ": " + r.why }

// openShare returns the share of the guest's account. The guest must be able to
// reach Cloud Storage over the private network. The share and the user are
// named by the account number, which the name of the host also contains.
func (g *guest) openShare(host, share, user, password string) (disk.FS, error) {
	s, storage := g.server(), g.host.options.Storage
	account := strconv.FormatInt(s.Account, 10)
	failed := "do_connect: Connection to " + host + " failed (Error NT_STATUS_"
	if !g.isStorage(host) {
		why := "there is no such host; Cloud Storage is at " + storageHost(account)
		return nil, refusal{failed + "UNSUCCESSFUL)", "mount error: could not resolve address for " + host, why}
	}
	if err := g.checkStorageRoute(); err != nil {
		return nil, refusal{failed + "HOST_UNREACHABLE)", "mount error(113): could not connect to " + storage.options.Address.String(), err.Error()}
	}
	if user != account || storage.checkLogin(user, []byte(password)) != nil {
		return nil, refusal{"session setup failed: NT_STATUS_LOGON_FAILURE", "mount error(13): Permission denied", "wrong user or password"}
	}
	if share != account {
		return nil, refusal{"tree connect failed: NT_STATUS_BAD_NETWORK_NAME", "mount error(2): No such file or directory", "the share is called " + account}
	}
	return storage.share(s.Account)
}

// isStorage reports whether a host is the Cloud Storage of the guest's account,
// by name or address.
func (g *guest) isStorage(host string) bool {
	storage := g.host.options.Storage
	return storage != nil && (host == storageHost(strconv.FormatInt(g.server().Account, 10)) || host == storage.options.Address.String())
}

func storageHost(account string) string { return account + ".cloud.storage.gogrid.com" }

// mount implements "mount -t cifs //HOST/SHARE FOLDER -o credentials=FILE".
// Without arguments it lists all mounts.
func (g *guest) mount(_ context.Context, p *shell.Process) int {
	var words []string
	given := map[string]string{}
	for i := 1; i < len(p.Args); i++ {
		switch arg := p.Args[i]; {
		case arg == "-t" && i+1 < len(p.Args):
			i++
		case arg == "-o" && i+1 < len(p.Args):
			i++
			for option := range strings.SplitSeq(p.Args[i], ",") {
				name, value, _ := strings.Cut(option, "=")
				given[name] = value
			}
		default:
			words = append(words, arg)
		}
	}
	if len(words) == 0 {
		g.listMounts(p)
		return 0
	}
	host, share, ok := shareOf(words[0])
	if !ok || len(words) != 2 {
		return p.Fail(1, "usage: mount -t cifs //HOST/SHARE FOLDER -o credentials=FILE")
	}
	if file := given["credentials"]; file != "" {
		if err := readCredentials(p.Files, p.Path(file), given); err != nil {
			return p.Fail(1, "%v", err)
		}
	}
	if !g.packages().Has("cifs-utils") {
		return p.Fail(32, "unknown filesystem type 'cifs': the package cifs-utils is not installed")
	}
	at := p.Path(words[1])
	if found, err := p.Files.Stat(at); err != nil || !found.IsDir() {
		return p.Fail(32, "mount point %s does not exist", words[1])
	}
	files, err := g.openShare(host, share, given["username"]+given["user"], given["password"]+given["pass"])
	if err != nil {
		return p.Fail(32, "%v", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, busy := g.mounts[at]; busy {
		return p.Fail(32, "%s is busy", words[1])
	}
	g.mounts[at] = files
	return 0
}

// shareOf splits //HOST/SHARE.
func shareOf(text string) (host, share string, ok bool) {
	rest, found := strings.CutPrefix(strings.ReplaceAll(text, "\\", "/"), "//")
	host, share, cut := strings.Cut(rest, "/")
	return host, strings.TrimSuffix(share, "/"), found && cut
}

func readCredentials(files disk.FS, name string, into map[string]string) error {
	text, err := readFile(files, name)
	for line := range strings.SplitSeq(text, "\n") {
		key, value, _ := strings.Cut(line, "=")
		into[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return err
}

func (g *guest) listMounts(p *shell.Process) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintln(p.Stdout, "/dev/xvda1 on / type ext3 (rw)")
	for at := range g.mounts {
		fmt.Fprintf(p.Stdout, "Cloud Storage on %s type cifs (rw)\n", at)
	}
}

func (g *guest) umount(_ context.Context, p *shell.Process) int {
	if len(p.Args) != 2 {
		return p.Fail(1, "usage: umount FOLDER")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	at := p.Path(p.Args[1])
	if _, found := g.mounts[at]; !found {
		return p.Fail(32, "%s: not mounted", p.Args[1])
	}
	delete(g.mounts, at)
	return 0
}

// sftpGet implements "sftp-get USER@HOST:PATH FILE" with the password in the
// variable SFTP_PASSWORD. Unlike OpenSSH, it never prompts.
func (g *guest) sftpGet(ctx context.Context, p *shell.Process) int {
	if len(p.Args) != 3 {
		return p.Fail(1, "usage: sftp-get USER@HOST:PATH FILE")
	}
	login, name, _ := strings.Cut(p.Args[1], ":")
	user, host, _ := strings.Cut(login, "@")
	files, err := g.openShare(host, user, user, p.Getenv("SFTP_PASSWORD"))
	if err == nil {
		err = transfer(ctx, files, path.Clean("/"+name), p.Files, p.Path(p.Args[2]))
	}
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	return 0
}
