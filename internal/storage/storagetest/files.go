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

// files is the server's folder. Nothing leads out of it.
type files struct{ server *Server }

var (
	_ sftp.FileReader           = (*files)(nil)
	_ sftp.OpenFileWriter       = (*files)(nil)
	_ sftp.PosixRenameFileCmder = (*files)(nil)
	_ sftp.LstatFileLister      = (*files)(nil)
)

// inside is the path of a request below the folder.
func inside(at string) string {
	if at = strings.TrimPrefix(path.Clean("/"+at), "/"); at == "" {
		return "."
	}
	return at
}

func (f *files) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	if err := f.server.about("Get", inside(r.Filepath)); err != nil {
		return nil, err
	}
	return f.server.root.Open(inside(r.Filepath))
}

func (f *files) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

func (f *files) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	if err := f.server.about("Put", inside(r.Filepath)); err != nil {
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
	file, err := f.server.root.OpenFile(inside(r.Filepath), how, 0o644)
	if err != nil {
		return nil, err
	}
	return &counted{file, f.server}, nil
}

// counted is a file that tells the server what is written to it.
type counted struct {
	*os.File
	server *Server
}

func (c *counted) WriteAt(p []byte, offset int64) (int, error) {
	n, err := c.File.WriteAt(p, offset)
	c.server.count(n)
	return n, err
}

func (f *files) Filecmd(r *sftp.Request) error {
	at, root := inside(r.Filepath), f.server.root
	if err := f.server.about(r.Method, at); err != nil {
		return err
	}
	switch r.Method {
	case "Setstat":
		return f.set(at, r)
	case "Rename":
		f.server.renames.Lock()
		defer f.server.renames.Unlock()
		if _, err := root.Lstat(inside(r.Target)); err == nil {
			return sftp.ErrSSHFxFailure // as OpenSSH does
		}
		return root.Rename(at, inside(r.Target))
	case "Mkdir":
		return root.Mkdir(at, 0o755)
	case "Remove", "Rmdir":
		return root.Remove(at)
	}
	return sftp.ErrSSHFxOpUnsupported
}

func (f *files) set(at string, r *sftp.Request) error {
	given, attributes := r.AttrFlags(), r.Attributes()
	if given.Acmodtime {
		return f.server.root.Chtimes(at, time.Unix(int64(attributes.Atime), 0), time.Unix(int64(attributes.Mtime), 0))
	}
	if given.Permissions {
		return f.server.root.Chmod(at, attributes.FileMode().Perm())
	}
	return nil
}

func (f *files) PosixRename(r *sftp.Request) error {
	if err := f.server.about("PosixRename", inside(r.Filepath)); err != nil {
		return err
	}
	f.server.renames.Lock()
	defer f.server.renames.Unlock()
	return f.server.root.Rename(inside(r.Filepath), inside(r.Target))
}

func (f *files) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	switch err := f.server.about(r.Method, inside(r.Filepath)); {
	case errors.Is(err, ErrEmpty):
		return entriesAt{}, nil
	case err != nil:
		return nil, err
	}
	if r.Method == "List" {
		entries, err := fs.ReadDir(f.server.root.FS(), inside(r.Filepath))
		if err != nil {
			return nil, err
		}
		var found entriesAt
		for _, entry := range entries {
			if info, err := entry.Info(); err == nil {
				found = append(found, info)
			}
		}
		return found, nil
	}
	info, err := f.server.root.Stat(inside(r.Filepath))
	return entriesAt{info}, err
}

func (f *files) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	if err := f.server.about("Lstat", inside(r.Filepath)); err != nil {
		return nil, err
	}
	info, err := f.server.root.Lstat(inside(r.Filepath))
	return entriesAt{info}, err
}

type entriesAt []fs.FileInfo

func (e entriesAt) ListAt(to []fs.FileInfo, offset int64) (int, error) {
	if offset >= int64(len(e)) {
		return 0, io.EOF
	}
	n := copy(to, e[offset:])
	if n < len(to) {
		return n, io.EOF
	}
	return n, nil
}
