// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guests/shell"
)

// storage is the account's Cloud Storage, for who may have it: it is reachable
// from the private network alone, and host, share and user are all called as
// the account.
func (g *guest) storage(host, share, user, password string) (disk.FS, error) {
	s, storage := g.server(), g.host.options.Storage
	account := strconv.FormatInt(s.Account, 10)
	switch {
	case storage == nil, host != account+".cloud.storage.gogrid.com":
		return nil, fmt.Errorf("%s: there is no such host; Cloud Storage is at %s.cloud.storage.gogrid.com", host, account)
	case !g.device.privateAddress().IsValid():
		return nil, fmt.Errorf("%s: No route to host: the private adapter %s is down or has no address", host, privateAdapter)
	case user != account || !storage.admits(user, password):
		return nil, errors.New("NT_STATUS_LOGON_FAILURE: wrong user or password")
	case share != account:
		return nil, fmt.Errorf("NT_STATUS_BAD_NETWORK_NAME: the share is called %s", account)
	}
	return storage.share(s.Account)
}

// mount is "mount -t cifs //HOST/SHARE FOLDER -o credentials=FILE"; without
// arguments it lists.
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
		return p.Fail(1, "it takes //HOST/SHARE and a folder")
	}
	if file := given["credentials"]; file != "" {
		if err := readCredentials(p.Files, p.Path(file), given); err != nil {
			return p.Fail(1, "%v", err)
		}
	}
	at := p.Path(words[1])
	if found, err := p.Files.Stat(at); err != nil || !found.IsDir() {
		return p.Fail(32, "mount point %s does not exist", words[1])
	}
	files, err := g.storage(host, share, given["username"]+given["user"], given["password"]+given["pass"])
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

// shareOf takes //HOST/SHARE apart.
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
		return p.Fail(1, "it takes a folder")
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

// smbclient is "smbclient //HOST/SHARE -U USER%PASSWORD -c 'get A B'", or -A
// with a file of credentials.
func (g *guest) smbclient(_ context.Context, p *shell.Process) int {
	given := map[string]string{}
	var target, command string
	for i := 1; i < len(p.Args); i++ {
		if i+1 == len(p.Args) || !strings.HasPrefix(p.Args[i], "-") {
			target = p.Args[i]
			continue
		}
		switch p.Args[i] {
		case "-U":
			given["username"], given["password"], _ = strings.Cut(p.Args[i+1], "%")
		case "-A":
			if err := readCredentials(p.Files, p.Path(p.Args[i+1]), given); err != nil {
				return p.Fail(1, "%v", err)
			}
		case "-c":
			command = p.Args[i+1]
		default:
			return p.Fail(1, "invalid option %s", p.Args[i])
		}
		i++
	}
	host, share, ok := shareOf(target)
	if !ok {
		return p.Fail(1, "it takes //HOST/SHARE")
	}
	files, err := g.storage(host, share, given["username"], given["password"])
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	for line := range strings.SplitSeq(command, ";") {
		if err := transfer(p, files, strings.Fields(line)); err != nil {
			return p.Fail(1, "%v", err)
		}
	}
	return 0
}

// transfer is one command of smbclient.
func transfer(p *shell.Process, files disk.FS, words []string) error {
	switch {
	case len(words) == 0:
		return nil
	case words[0] == "ls" || words[0] == "dir":
		entries, err := files.ReadDir("/")
		for _, entry := range entries {
			fmt.Fprintln(p.Stdout, entry.Name())
		}
		return err
	case words[0] == "get" && len(words) > 1:
		return copyBetween(files, words[1], p.Files, p.Path(words[min(2, len(words)-1)]))
	case words[0] == "put" && len(words) > 1:
		return copyBetween(p.Files, p.Path(words[1]), files, words[min(2, len(words)-1)])
	}
	return fmt.Errorf("%s: command not found", words[0])
}

func copyBetween(from disk.FS, source string, to disk.FS, target string) error {
	file, err := from.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	copied, err := to.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, file)
	return errors.Join(err, copied.Close())
}

// sftpGet is "sftp-get USER@HOST:PATH FILE", with the password in the variable
// SFTP_PASSWORD: a program without OpenSSH's habits of asking.
func (g *guest) sftpGet(_ context.Context, p *shell.Process) int {
	if len(p.Args) != 3 {
		return p.Fail(1, "it takes USER@HOST:PATH and a file")
	}
	login, name, _ := strings.Cut(p.Args[1], ":")
	user, host, _ := strings.Cut(login, "@")
	files, err := g.storage(host, user, user, p.Getenv("SFTP_PASSWORD"))
	if err == nil {
		err = copyBetween(files, path.Clean("/"+name), p.Files, p.Path(p.Args[2]))
	}
	if err != nil {
		return p.Fail(1, "%v", err)
	}
	return 0
}
