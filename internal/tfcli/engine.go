// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package tfcli runs the real Terraform or OpenTofu with a provider built
// from this repository, with no registry and no network: for the demo, and
// for tests that a provider inside the test process cannot do, such as
// killing it.
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
	// Path of the program.
	Path string
	// Version as the program tells it, for example 1.11.4.
	Version string
	// OpenTofu is true when it is OpenTofu and not Terraform.
	OpenTofu bool
}

// Find looks for an engine: the one that the environment variable
// TF_ACC_TERRAFORM_PATH names, else terraform, else tofu on the PATH.
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
		return nil, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	var versions struct {
		Terraform string `json:"terraform_version"`
		Tofu      string `json:"tofu_version"`
	}
	if err := json.Unmarshal(out, &versions); err != nil {
		return nil, fmt.Errorf("read the version that %s tells: %w", path, err)
	}
	if versions.Tofu != "" {
		return &Engine{Path: path, Version: versions.Tofu, OpenTofu: true}, nil
	}
	return &Engine{Path: path, Version: versions.Terraform, OpenTofu: filepath.Base(path) == "tofu"}, nil
}

// Name is how people call the engine.
func (e *Engine) Name() string {
	if e.OpenTofu {
		return "OpenTofu"
	}
	return "Terraform"
}

// Command is what runs the engine in a shell: its name where that is enough.
func (e *Engine) Command() string {
	name := filepath.Base(e.Path)
	if found, err := exec.LookPath(name); err == nil && found == e.Path {
		return name
	}
	return e.Path
}

// Build compiles programs of the repository at root into a directory, all in
// one go. Packages are paths below the module, "" for the provider itself.
// [Program] tells what they are called there.
func Build(ctx context.Context, root, into string, packages ...string) error {
	return BuildShowing(ctx, root, into, func(string) {}, packages...)
}

// BuildShowing is [Build], and calls show for each module that is downloaded and each package that is compiled.
func BuildShowing(ctx context.Context, root, into string, show func(what string), packages ...string) error {
	into, err := filepath.Abs(into)
	if err != nil {
		return err
	}
	// Version control is left out of the programs: asking it fails in a tree that belongs to somebody else.
	args := []string{"build", "-v", "-buildvcs=false", "-o", into + string(filepath.Separator)}
	for _, name := range packages {
		args = append(args, "./"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	out := &buildOutput{show: show}
	cmd.Stdout, cmd.Stderr = out, out // with one writer, exec never writes concurrently
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out.remaining())
	}
	return nil
}

// Program is the path of a program that [Build] has put into a directory, by
// the package it was built from.
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

// Root is the directory of the module that the working directory is in.
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
