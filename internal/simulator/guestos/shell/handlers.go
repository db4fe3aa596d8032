// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// defaultPath lists the folders in the initial value of PATH.
var defaultPath = []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}

// programDirs are the folders that appear to contain every program.
var programDirs = []string{"/usr/bin", "/bin", "/usr/sbin", "/sbin"}

func pathOf(env expand.Environ) []string {
	return slices.DeleteFunc(strings.Split(env.Get("PATH").String(), ":"), func(dir string) bool { return dir == "" })
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

func (s *Shell) open(ctx context.Context, name string, flag int, _ fs.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	if device := openDevice(name, hc.Stdin, hc.Stdout, hc.Stderr); device != nil {
		return device, nil
	}
	if what, isLook := strings.CutPrefix(name, checkPrefix); isLook {
		return sourcedText{strings.NewReader("")}, sessionOf(ctx).checkGrowth(hc, what)
	}
	if number, sourced := strings.CutPrefix(name, sourcePrefix); sourced {
		if text, found := sessionOf(ctx).storedText(number); found {
			return sourcedText{strings.NewReader(text)}, nil
		}
	}
	file, err := s.Files.OpenFile(absolute(hc.Dir, name), flag, 0o666&^parseStoredMask(hc.Env.Get(maskName).String()))
	if err != nil {
		return nil, pathError("open", name, err)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) != 0 {
		return file, nil
	}
	return openThroughPipe(sessionOf(ctx), name, file)
}

// pathError converts an error to an *fs.PathError. The interpreter ends the
// script after an error of any other type.
func pathError(op, name string, err error) error {
	var found *fs.PathError
	if errors.As(err, &found) {
		err = found.Err
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

func (s *Shell) stat(ctx context.Context, name string, follow bool) (fs.FileInfo, error) {
	name = absolute(interp.HandlerCtx(ctx).Dir, name)
	look := s.Files.Lstat
	if follow {
		look = s.Files.Stat
	}
	found, err := look(name)
	switch {
	case err == nil:
		return ownedByRoot(found), nil
	case s.isProgram(name):
		return ownedByRoot(programInfo(path.Base(name))), nil
	case isDevice(name):
		return ownedByRoot(deviceInfo(path.Base(name))), nil
	}
	return nil, err
}

func (s *Shell) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	if err := errors.Join(context.Cause(ctx), sessionOf(ctx).checkHeap(), sessionOf(ctx).countListing()); err != nil {
		return nil, err
	}
	return s.Files.ReadDir(absolute(interp.HandlerCtx(ctx).Dir, name))
}

func (s *Shell) access(ctx context.Context, name string, mode interp.AccessMode) error {
	found, err := s.stat(ctx, name, true)
	if err != nil {
		return err
	}
	if mode&interp.AccessExec != 0 && !found.IsDir() && found.Mode()&0o111 == 0 {
		return fs.ErrPermission
	}
	return nil
}
