// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package tfcli runs the real Terraform or OpenTofu with a provider built from
// this repository. It uses no registry and no network. The demo uses this
// package, and so do tests that need the provider in its own process, for
// example to kill the provider.
package tfcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Engine is an installed Terraform or OpenTofu.
type Engine struct {
	// Path is the path of the program.
	Path string
	// Version is the version that the program reports, for example 1.11.4.
	Version string
	// OpenTofu reports whether the engine is OpenTofu.
	OpenTofu bool
}

// Find returns the engine that the environment variable TF_ACC_TERRAFORM_PATH
// names, else terraform or tofu from the PATH.
func Find(ctx context.Context) (*Engine, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return open(ctx, path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return open(ctx, path)
		}
	}
	return nil, errors.New("neither terraform nor tofu is on the PATH; install Terraform 1.11 or newer, or OpenTofu, or name one in TF_ACC_TERRAFORM_PATH")
}

func open(ctx context.Context, path string) (*Engine, error) {
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s version: %w", path, err)
	}
	var versions struct {
		Terraform string `json:"terraform_version"`
		Tofu      string `json:"tofu_version"`
	}
	if err := json.Unmarshal(out, &versions); err != nil {
		return nil, fmt.Errorf("read the version of %s: %w", path, err)
	}
	if versions.Tofu != "" {
		return &Engine{Path: path, Version: versions.Tofu, OpenTofu: true}, nil
	}
	return &Engine{Path: path, Version: versions.Terraform, OpenTofu: filepath.Base(path) == "tofu"}, nil
}

// Name returns the product name of the engine.
func (e *Engine) Name() string {
	if e.OpenTofu {
		return "OpenTofu"
	}
	return "Terraform"
}

// Command returns the command that runs the engine in a shell: the program's
// name if the PATH finds it, else its path.
func (e *Engine) Command() string {
	name := filepath.Base(e.Path)
	if found, err := exec.LookPath(name); err == nil && found == e.Path {
		return name
	}
	return e.Path
}

// Build compiles programs of the repository at root into a directory, with one
// go command. Packages are paths below the module; "" is the provider.
// [Program] returns the path of a compiled program.
func Build(ctx context.Context, root, into string, packages ...string) error {
	return BuildShowing(ctx, root, into, func(string) {}, packages...)
}

// BuildShowing is like [Build]. It also calls show for each downloaded module
// and each compiled package.
func BuildShowing(ctx context.Context, root, into string, show func(what string), packages ...string) error {
	into, err := filepath.Abs(into)
	if err != nil {
		return err
	}
	// Leave out version control data, because the go command cannot read this data
	// in a tree that belongs to another user.
	args := []string{"build", "-v", "-buildvcs=false", "-o", into + string(filepath.Separator)}
	for _, name := range packages {
		args = append(args, "./"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	out := &buildOutput{show: show}
	cmd.Stdout, cmd.Stderr = out, out // one writer for both, so that exec never writes concurrently
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out.remaining())
	}
	return nil
}

// Program returns the path of the program that [Build] compiled from the package
// name into dir. An empty name means the provider.
func Program(dir, name string) string {
	if name == "" {
		name = "terraform-provider-gogrid"
	}
	program := filepath.Join(dir, filepath.Base(name))
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return program
}

// Root returns the directory of the module that contains the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("the working directory is not inside the repository: no go.mod above it")
		}
		dir = parent
	}
}
