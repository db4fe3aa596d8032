// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// smbclient implements "smbclient //HOST/SHARE -U USER%PASSWORD -c 'get A B'",
// or -A with a credentials file. Like Samba's smbclient, it prints errors to
// standard output and returns the exit code of the last command.
func (g *guest) smbclient(ctx context.Context, p *shell.Process) int {
	given := map[string]string{}
	var words []string
	for i := 1; i < len(p.Args); i++ {
		option := p.Args[i]
		switch {
		case option == "-N" || !strings.HasPrefix(option, "-"):
			if option != "-N" {
				words = append(words, option)
			}
			continue
		case i+1 == len(p.Args) || !strings.Contains(" -U -A -c -D -m -W -t -p -s ", " "+option+" "):
			return p.Fail(1, "Invalid option %s", option)
		}
		i++
		given[option] = p.Args[i]
	}
	if len(words) == 0 {
		return p.Fail(1, "usage: smbclient //HOST/SHARE [-U USER%%PASSWORD] [-A FILE] -c COMMANDS")
	}
	host, share, ok := shareOf(words[0])
	if !ok {
		return p.Fail(1, "usage: smbclient //HOST/SHARE [-U USER%%PASSWORD] [-A FILE] -c COMMANDS")
	}
	login := map[string]string{}
	login["username"], login["password"], _ = strings.Cut(given["-U"], "%")
	if file := given["-A"]; file != "" {
		if err := readCredentials(p.Files, p.Path(file), login); err != nil {
			return p.Fail(1, "%v", err)
		}
	}
	files, err := g.openShare(host, share, login["username"], login["password"])
	if err != nil {
		refused, ok := errors.AsType[refusal](err)
		if !ok {
			return p.Fail(1, "%v", err)
		}
		fmt.Fprintf(p.Stdout, "%s\n(%s)\n", refused.smb, refused.why)
		return 1
	}
	client := &smbClient{Process: p, share: files, dir: "/"}
	if dir := given["-D"]; dir != "" {
		if code := client.cd(ctx, []string{dir}); code != 0 {
			return code
		}
	}
	return client.run(ctx, given["-c"])
}

// smbClient is a session of smbclient.
type smbClient struct {
	*shell.Process

	share disk.FS
	dir   string // current folder of the share
}

// run runs commands, which are separated by semicolons.
func (c *smbClient) run(ctx context.Context, commands string) int {
	code := 0
	for command := range strings.SplitSeq(commands, ";") {
		words := quotedFields(command)
		if len(words) == 0 {
			continue
		}
		do := map[string]func(context.Context, []string) int{
			"ls": c.ls, "dir": c.ls, "cd": c.cd, "get": c.get, "put": c.put, "mkdir": c.mkdir, "md": c.mkdir,
			"rmdir": c.rmdir, "rd": c.rmdir, "del": c.del, "rm": c.del, "rename": c.rename,
		}[words[0]]
		if do == nil {
			fmt.Fprintf(c.Stdout, "%s: command not found\n", words[0]) // like Samba's smbclient, do not return a failure
			continue
		}
		code = do(ctx, words[1:])
	}
	return code
}

// quotedFields splits a command into words. Quoted text may contain blanks.
func quotedFields(text string) []string {
	var words []string
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// transfer copies a file between two disks.
func transfer(ctx context.Context, from disk.FS, source string, to disk.FS, target string) error {
	file, err := from.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	copied, err := to.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, contextReader{ctx, file})
	return errors.Join(err, copied.Close())
}

// contextReader is a reader that returns an error once its context has ended,
// so that a guest that goes down stops in the middle of a file.
type contextReader struct {
	ctx context.Context //nolint:containedctx // of one copy
	io.Reader
}

// Read reads from Reader. If the context has ended, Read returns its cause.
func (r contextReader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
