// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"

	"github.com/pkg/sftp"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
)

// handlers returns SFTP handlers that serve only the guest's files. The
// ready-made server of package sftp would serve the host's files.
func (g *guest) handlers(home string) sftp.Handlers { return handlersOf(g.files(), home) }

func handlersOf(files disk.FS, home string) sftp.Handlers {
	f := fileHandler{files, home}
	return sftp.Handlers{FileGet: f, FilePut: f, FileCmd: f, FileList: f}
}

type fileHandler struct {
	files disk.FS
	home  string
}

var (
	_ sftp.OpenFileWriter       = fileHandler{}
	_ sftp.PosixRenameFileCmder = fileHandler{}
	_ sftp.LstatFileLister      = fileHandler{}
	_ sftp.ReadlinkFileLister   = fileHandler{}
	_ sftp.RealPathFileLister   = fileHandler{}
)

// Fileread opens a file for reading.
func (f fileHandler) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	found, err := f.files.Stat(r.Filepath)
	if err == nil && found.IsDir() {
		return nil, syscall.EISDIR
	}
	return f.files.Open(r.Filepath)
}

// Filewrite opens a file for writing.
func (f fileHandler) Filewrite(r *sftp.Request) (io.WriterAt, error) { return f.OpenFile(r) }

// OpenFile opens a file for reading and writing.
func (f fileHandler) OpenFile(r *sftp.Request) (sftp.WriterAtReaderAt, error) {
	asked := r.Pflags()
	flag := os.O_RDONLY
	switch {
	case asked.Read && asked.Write:
		flag = os.O_RDWR
	case asked.Write:
		flag = os.O_WRONLY
	}
	for _, bit := range []struct {
		set  bool
		flag int
	}{{asked.Creat, os.O_CREATE}, {asked.Trunc, os.O_TRUNC}, {asked.Excl, os.O_EXCL}} {
		if bit.set {
			flag |= bit.flag
		}
	}
	mode := fs.FileMode(0o644)
	// The library drops the attribute flags of an open request. Permissions are the only
	// attribute of four bytes, and clients send no other attribute when they open a file.
	if len(r.Attrs) == 4 {
		mode = fs.FileMode(binary.BigEndian.Uint32(r.Attrs)) & fs.ModePerm
	}
	return f.files.OpenFile(r.Filepath, flag, mode)
}

// Filecmd runs all operations other than reading and writing.
func (f fileHandler) Filecmd(r *sftp.Request) error {
	switch r.Method {
	case "Setstat":
		return f.setAttributes(r)
	case "Rename":
		return f.files.RenameNew(r.Filepath, r.Target) // in protocol version 3, a rename does not replace files
	case "Rmdir", "Remove":
		return f.remove(r)
	case "Mkdir":
		return f.files.Mkdir(r.Filepath, 0o755)
	case "Symlink":
		return f.files.Symlink(r.Filepath, r.Target)
	case "Link":
		return f.files.Link(r.Filepath, r.Target)
	}
	return sftp.ErrSSHFxOpUnsupported
}

// PosixRename renames a file and replaces an existing one.
func (f fileHandler) PosixRename(r *sftp.Request) error { return f.files.Rename(r.Filepath, r.Target) }

func (f fileHandler) remove(r *sftp.Request) error {
	found, err := f.files.Lstat(r.Filepath)
	switch {
	case err != nil:
		return err
	case found.IsDir() != (r.Method == "Rmdir"):
		return syscall.ENOTDIR
	}
	return f.files.Remove(r.Filepath)
}

func (f fileHandler) setAttributes(r *sftp.Request) error {
	var failed []error
	flags, wanted := r.AttrFlags(), r.Attributes()
	if flags.Size {
		failed = append(failed, f.files.Truncate(r.Filepath, int64(wanted.Size))) //nolint:gosec // the disk rejects sizes over its limit
	}
	if flags.Permissions {
		failed = append(failed, f.files.Chmod(r.Filepath, wanted.FileMode().Perm()))
	}
	if flags.Acmodtime {
		failed = append(failed, f.files.Chtimes(r.Filepath, time.Unix(int64(wanted.Atime), 0), time.Unix(int64(wanted.Mtime), 0)))
	}
	return errors.Join(failed...)
}

// Filelist lists a folder or returns the attributes of one file.
func (f fileHandler) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	if r.Method == "Stat" {
		return singleInfo(f.files.Stat(r.Filepath))
	}
	entries, err := f.files.ReadDir(r.Filepath)
	if err != nil {
		return nil, err
	}
	var all infos
	for _, entry := range entries {
		if found, err := entry.Info(); err == nil {
			all = append(all, found)
		}
	}
	return all, nil
}

// Lstat returns the attributes of a file without following a link.
func (f fileHandler) Lstat(r *sftp.Request) (sftp.ListerAt, error) {
	return singleInfo(f.files.Lstat(r.Filepath))
}

// Readlink returns the target of a link.
func (f fileHandler) Readlink(name string) (string, error) { return f.files.Readlink(name) }

// RealPath makes a name absolute.
func (f fileHandler) RealPath(name string) (string, error) {
	if !path.IsAbs(name) {
		name = path.Join(f.home, name)
	}
	return path.Clean("/" + name), nil
}

func singleInfo(found fs.FileInfo, err error) (sftp.ListerAt, error) {
	if err != nil {
		return nil, err
	}
	return infos{found}, nil
}

// infos is a list that clients read in parts.
type infos []fs.FileInfo

// ListAt copies the elements starting at offset. It returns io.EOF at the end.
func (i infos) ListAt(into []fs.FileInfo, offset int64) (int, error) {
	if offset >= int64(len(i)) {
		return 0, io.EOF
	}
	n := copy(into, i[offset:])
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}
