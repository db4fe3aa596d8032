// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package examplestest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
)

// databasePassword is the password that must not appear in saved plans.
const databasePassword = "canary-database-password"

// startPostgres starts a PostgreSQL server for one test and returns its
// connection string. The server listens only on a socket in a directory of the
// test. The test is skipped if PostgreSQL is not installed.
func startPostgres(t *testing.T) string {
	t.Helper()
	p := postgres{programs: postgresPrograms(t), dir: t.TempDir(), outputs: t.TempDir()}
	p.chooseUser(t)
	password := filepath.Join(p.dir, "password")
	if err := os.WriteFile(password, []byte(databasePassword), 0o644); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(p.dir, "data")
	p.run(t.Context(), t, "initdb", "--pgdata", data, "--username", "terraform", "--auth", "scram-sha-256",
		"--pwfile", password, "--encoding", "UTF8", "--locale", "C", "--no-sync")
	p.run(t.Context(), t, "pg_ctl", "start", "--wait", "--pgdata", data, "--log", filepath.Join(p.dir, "log"),
		"--options", fmt.Sprintf("-c listen_addresses='' -c fsync=off -k '%s'", p.dir))
	t.Cleanup(func() {
		p.run(context.WithoutCancel(t.Context()), t, "pg_ctl", "stop", "--wait", "--mode", "immediate", "--pgdata", data)
	})
	return fmt.Sprintf("postgres://terraform:%s@/postgres?host=%s&sslmode=disable", databasePassword, p.dir)
}

type postgres struct {
	programs string              // directory of the server's programs
	dir      string              // directory of the server
	outputs  string              // directory of the programs' output
	as       *syscall.Credential // user of the programs; nil means the current user
}

// postgresPrograms returns the directory of the server's programs. Debian does
// not add them to the PATH. The newest version is used.
func postgresPrograms(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		return filepath.Dir(path)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if err != nil || len(found) == 0 {
		t.Skip("PostgreSQL is not installed: there is no pg_ctl on the PATH or in /usr/lib/postgresql")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return release(a) - release(b) })
	return filepath.Dir(newest)
}

// release returns the number in /usr/lib/postgresql/15/bin/pg_ctl, or 0 if
// there is none.
func release(path string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return number
}

// chooseUser chooses another user if the test runs as root, because PostgreSQL
// refuses to run as root.
func (p *postgres) chooseUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr != nil || gidErr != nil {
			continue
		}
		p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		p.chownDir(t, int(uid), int(gid))
		return
	}
	t.Skip("PostgreSQL refuses to run as root, and there is no user postgres or nobody to run it as")
}

// chownDir gives the directory to another user. It also gives other users
// access to the parent directory, which the testing package creates without
// access for others.
func (p *postgres) chownDir(t *testing.T, uid, gid int) {
	t.Helper()
	if err := os.Chown(p.dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(p.dir), 0o711); err != nil {
		t.Fatal(err)
	}
}

func (p *postgres) run(ctx context.Context, t *testing.T, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, filepath.Join(p.programs, program), args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as, Setsid: true}
	// The server inherits the output of pg_ctl start. A pipe would stay open until
	// the server ends, so the output must be a file.
	log, err := os.Create(filepath.Join(p.outputs, program))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }() // the process has its own copy
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("%s: %v\n%s", program, err, text)
	}
}
