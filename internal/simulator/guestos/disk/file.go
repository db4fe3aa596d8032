// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
)

// writeFlags are the flags that open a file for writing.
const writeFlags = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC | os.O_CREATE

// Open opens a file for reading.
func (d *Disk) Open(name string) (File, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

// OpenFile opens a file as os.OpenFile does.
func (d *Disk) OpenFile(name string, flag int, mode fs.FileMode) (File, error) {
	d.cloneMu.RLock()
	defer d.cloneMu.RUnlock()
	file, err := d.openFile(name, flag, mode)
	if err != nil {
		return nil, guestError("open", name, err)
	}
	return file, nil
}

func (d *Disk) openFile(name string, flag int, mode fs.FileMode) (*file, error) {
	at, err := d.resolve(name, flag&os.O_EXCL == 0)
	if err != nil {
		return nil, err
	}
	if flag&writeFlags == 0 {
		opened, err := d.root.OpenFile(at, flag, 0)
		if err != nil {
			return nil, err
		}
		return d.handle(opened, name, false)
	}
	created := false
	found, err := d.root.Lstat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		if err := d.grow(1); err != nil {
			return nil, err
		}
		created = true
	case err != nil:
		return nil, err
	case flag&(os.O_CREATE|os.O_EXCL) == os.O_CREATE|os.O_EXCL:
		return nil, fs.ErrExist
	case found.IsDir():
		return nil, syscall.EISDIR
	default:
		if err := d.unshare(at, found); err != nil {
			return nil, err
		}
	}
	return d.openToWrite(at, name, flag, mode, created)
}

func (d *Disk) openToWrite(at, name string, flag int, mode fs.FileMode, created bool) (*file, error) {
	hostFlag := flag &^ (os.O_TRUNC | os.O_APPEND)
	if created {
		hostFlag |= os.O_EXCL // fail if the file exists, so that a new file is counted only once
	}
	opened, err := d.root.OpenFile(at, hostFlag, 0o600)
	if err == nil && created {
		err = opened.Chmod(hostMode(mode, false))
	}
	if err != nil && created {
		d.count(0, -1)
		if errors.Is(err, fs.ErrExist) && flag&os.O_EXCL == 0 {
			return d.openFile(name, flag, mode) // another caller has created the file since resolve
		}
	}
	if err != nil {
		return nil, err
	}
	f, err := d.handle(opened, name, true)
	if err != nil {
		return nil, err
	}
	f.appends = flag&os.O_APPEND != 0
	if flag&os.O_TRUNC != 0 {
		if err := f.resize(0); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// handle registers an open file. It returns EMFILE if too many files are open.
func (d *Disk) handle(opened *os.File, name string, writing bool) (*file, error) {
	found, err := opened.Stat()
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	f := &file{disk: d, file: opened, name: name, writing: writing}
	f.id, _ = identify(found) // without file ids on the host, all files share one count
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open >= maxOpen {
		return nil, errors.Join(syscall.EMFILE, opened.Close())
	}
	d.open++
	h := d.handles[f.id]
	if h == nil {
		h = &handles{}
		d.handles[f.id] = h
	}
	h.all++
	if writing {
		h.writing++
	}
	return f, nil
}

// release removes a closed file from the counts of open files.
func (f *file) release() {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open--
	h := d.handles[f.id]
	if f.writing {
		h.writing--
	}
	if h.all--; h.all > 0 {
		return
	}
	delete(d.handles, f.id)
	if found, err := f.file.Stat(); err == nil && h.deleted {
		d.used -= found.Size()
	}
}

// bytesFreed returns the number of bytes that deleting a file frees immediately:
// 0 while the file is open.
func (d *Disk) bytesFreed(found fs.FileInfo) int64 {
	id, known := identify(found)
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := d.handles[id]; known && h != nil {
		h.deleted = true
		return 0
	}
	return found.Size()
}

// file is an open file.
type file struct {
	disk    *Disk
	file    *os.File
	name    string
	id      fileID
	appends bool
	writing bool
	closed  sync.Once
}

func (f *file) Name() string { return f.name }

func (f *file) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	return n, f.guestError("read", err)
}

func (f *file) ReadAt(p []byte, offset int64) (int, error) {
	n, err := f.file.ReadAt(p, offset)
	return n, f.guestError("read", err)
}

func (f *file) Seek(offset int64, whence int) (int64, error) {
	at, err := f.file.Seek(offset, whence)
	return at, f.guestError("seek", err)
}

func (f *file) Stat() (fs.FileInfo, error) {
	found, err := f.file.Stat()
	if err != nil {
		return nil, f.guestError("stat", err)
	}
	return info{found, path.Base(f.name)}, nil
}

// Sync does nothing: a guest's disk need not be more durable than the host's.
func (f *file) Sync() error { return nil }

func (f *file) Write(p []byte) (int, error) {
	whence := io.SeekCurrent
	if f.appends {
		whence = io.SeekEnd
	}
	return f.write(p, func() (int64, error) { return f.file.Seek(0, whence) }, func() (int, error) { return f.file.Write(p) })
}

func (f *file) WriteAt(p []byte, offset int64) (int, error) {
	return f.write(p, func() (int64, error) { return offset, nil }, func() (int, error) { return f.file.WriteAt(p, offset) })
}

// write calls the given function to write if the disk has enough space. It holds
// mu during the write, so that the counted size is always correct.
func (f *file) write(p []byte, place func() (int64, error), write func() (int, error)) (int, error) {
	d := f.disk
	d.cloneMu.RLock()
	defer d.cloneMu.RUnlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	at, err := place()
	if err != nil {
		return 0, f.guestError("write", err)
	}
	before, err := f.file.Stat()
	if err != nil {
		return 0, f.guestError("write", err)
	}
	switch end := at + int64(len(p)); {
	case at < 0:
		return 0, f.guestError("write", syscall.EINVAL)
	case end < at, end-before.Size() > max(d.limit-d.used, 0): // end < at is an overflow
		return 0, f.guestError("write", syscall.ENOSPC)
	}
	n, err := write()
	if n > 0 {
		d.used += max(at+int64(n)-before.Size(), 0)
	}
	return n, f.guestError("write", err)
}

func (f *file) Truncate(size int64) error {
	f.disk.cloneMu.RLock()
	defer f.disk.cloneMu.RUnlock()
	return f.resize(size)
}

func (f *file) resize(size int64) error {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	before, err := f.file.Stat()
	if err != nil {
		return f.guestError("truncate", err)
	}
	more := size - before.Size()
	if size < 0 {
		return f.guestError("truncate", syscall.EINVAL)
	}
	if more > 0 && more > d.limit-d.used { // the subtraction cannot overflow
		return f.guestError("truncate", syscall.ENOSPC)
	}
	if err := f.file.Truncate(size); err != nil {
		return f.guestError("truncate", err)
	}
	d.used += more
	return nil
}

func (f *file) Close() error {
	f.closed.Do(f.release)
	return f.guestError("close", f.file.Close())
}

// guestError is like the function guestError, but returns io.EOF unwrapped,
// because readers compare the error with io.EOF.
func (f *file) guestError(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return guestError(op, f.name, err)
}
