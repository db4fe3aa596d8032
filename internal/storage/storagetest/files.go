// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package storagetest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

func portText(port uint32) string { return strconv.FormatUint(uint64(port), 10) }

// handler serves the server's folder. The os.Root keeps requests inside the folder.
type handler struct{ server *Server }

var (
	_ sftp.FileReader           = (*handler)(nil)
	_ sftp.OpenFileWriter       = (*handler)(nil)
	_ sftp.PosixRenameFileCmder = (*handler)(nil)
	_ sftp.LstatFileLister      = (*handler)(nil)
)

// relative returns the path of a request relative to the folder.
func relative(at string) string {
	if at = strings.TrimPrefix(path.Clean("/"+at), "/"); at == "" {
		return "."
	}
	return at
}

func (f *handler) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	if err := f.server.notify("Get", relative(r.Filepath)); err != nil {
		return nil, err
	}
	return f.server.root.Open(relative(r.Filepath))
}

func (f *handler) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

func (f *handler) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	if err := f.server.notify("Put", relative(r.Filepath)); err != nil {
		return nil, err
	}
	wanted, how := r.Pflags(), os.O_RDWR
	if wanted.Creat {
		how |= os.O_CREATE
	}
	if wanted.Excl {
		how |= os.O_EXCL
	}
	if wanted.Trunc {
		how |= os.O_TRUNC
	}
	file, err := f.server.root.OpenFile(relative(r.Filepath), how, 0o644)
	if err != nil {
		return nil, err
	}
	return &countingFile{file, f.server}, nil
}

// countingFile is a file that reports its written bytes to the server.
type countingFile struct {
	*os.File
	server *Server
}

func (c *countingFile) WriteAt(p []byte, offset int64) (int, error) {
	n, err := c.File.WriteAt(p, offset)
	c.server.addReceived(n)
	return n, err
}

func (f *handler) Filecmd(r *sftp.Request) error {
	at, root := relative(r.Filepath), f.server.root
	if err := f.server.notify(r.Method, at); err != nil {
		return err
	}
	switch r.Method {
	case "Setstat":
		return f.setstat(at, r)
	case "Rename":
		f.server.renames.Lock()
		defer f.server.renames.Unlock()
		if _, err := root.Lstat(relative(r.Target)); err == nil {
			return sftp.ErrSSHFxFailure // like OpenSSH
		}
		return root.Rename(at, relative(r.Target))
	case "Mkdir":
		return root.Mkdir(at, 0o755)
	case "Remove", "Rmdir":
		return root.Remove(at)
	}
	return sftp.ErrSSHFxOpUnsupported
}

func (f *handler) setstat(at string, r *sftp.Request) error {
	given, attributes := r.AttrFlags(), r.Attributes()
	if given.Acmodtime {
		return f.server.root.Chtimes(at, time.Unix(int64(attributes.Atime), 0), time.Unix(int64(attributes.Mtime), 0))
	}
	if given.Permissions {
		return f.server.root.Chmod(at, attributes.FileMode().Perm())
	}
	return nil
}

func (f *handler) PosixRename(r *sftp.Request) error {
	if err := f.server.notify("PosixRename", relative(r.Filepath)); err != nil {
		return err
	}
	f.server.renames.Lock()
	defer f.server.renames.Unlock()
	return f.server.root.Rename(relative(r.Filepath), relative(r.Target))
}

func (f *handler) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	switch err := f.server.notify(r.Method, relative(r.Filepath)); {
	case errors.Is(err, ErrEmpty):
		return listing{}, nil
	case err != nil:
		return nil, err
	}
	if r.Method == "List" {
		entries, err := fs.ReadDir(f.server.root.FS(), relative(r.Filepath))
		if err != nil {
			return nil, err
		}
		var found listing
		for _, entry := range entries {
			if info, err := entry.Info(); err == nil {
				found = append(found, info)
			}
		}
		return found, nil
	}
	info, err := f.server.root.Stat(relative(r.Filepath))
	return listing{info}, err
}

func (f *handler) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	if err := f.server.notify("Lstat", relative(r.Filepath)); err != nil {
		return nil, err
	}
	info, err := f.server.root.Lstat(relative(r.Filepath))
	return listing{info}, err
}

type listing []fs.FileInfo

func (e listing) ListAt(to []fs.FileInfo, offset int64) (int, error) {
	if offset >= int64(len(e)) {
		return 0, io.EOF
	}
	n := copy(to, e[offset:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}
