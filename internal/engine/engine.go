// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package engine runs the real Terraform or OpenTofu with a provider built
// from this repository, with no registry and no network: for the demo, and
// for tests that a provider inside the test process cannot do, such as
// killing it.
package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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
	var told struct {
		Terraform string `json:"terraform_version"`
		Tofu      string `json:"tofu_version"`
	}
	if err := json.Unmarshal(out, &told); err != nil {
		return nil, fmt.Errorf("read the version that %s tells: %w", path, err)
	}
	if told.Tofu != "" {
		return &Engine{Path: path, Version: told.Tofu, OpenTofu: true}, nil
	}
	return &Engine{Path: path, Version: told.Terraform, OpenTofu: filepath.Base(path) == "tofu"}, nil
}

// Name is how people call the engine.
func (e *Engine) Name() string {
	if e.OpenTofu {
		return "OpenTofu"
	}
	return "Terraform"
}

// Build compiles programs of this repository into a directory. Packages are
// import paths below the module, "" for the provider itself.
func Build(ctx context.Context, root, into string, packages ...string) error {
	for _, name := range packages {
		output := filepath.Join(into, filepath.Base(name))
		if name == "" {
			output = filepath.Join(into, "terraform-provider-gogrid")
		}
		if runtime.GOOS == "windows" {
			output += ".exe"
		}
		cmd := exec.CommandContext(ctx, "go", "build", "-o", output, "./"+name)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./%s: %w\n%s", name, err, out)
		}
	}
	return nil
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
