// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package examplestest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// workflow is the part of a GitHub Actions workflow that the pipeline uses.
type workflow struct {
	Env  map[string]string `yaml:"env"`
	Jobs map[string]job    `yaml:"jobs"`
}

type job struct {
	If      string            `yaml:"if"`
	Needs   string            `yaml:"needs"`
	Outputs map[string]string `yaml:"outputs"`
	Steps   []step            `yaml:"steps"`
}

type step struct {
	ID   string            `yaml:"id"`
	Name string            `yaml:"name"`
	If   string            `yaml:"if"`
	Uses string            `yaml:"uses"`
	Run  string            `yaml:"run"`
	With map[string]string `yaml:"with"`
}

// pipeline runs the jobs of a workflow as GitHub does: each job in a fresh
// checkout and its steps in bash. Stand-ins replace the actions.
type pipeline struct {
	t         *testing.T
	grid      *acctest.Grid
	source    string // root of the repository
	artifacts string
	workflow  workflow
	facts     map[string]string // values of expressions by full name
}

func newPipeline(t *testing.T, grid *acctest.Grid, source string, secrets map[string]string) *pipeline {
	t.Helper()
	p := &pipeline{t: t, grid: grid, source: source, artifacts: t.TempDir(), facts: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(source, ".github", "workflows", "grid.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &p.workflow); err != nil {
		t.Fatal(err)
	}
	for name, value := range secrets {
		p.facts["secrets."+name] = value
	}
	return p
}

// on returns a copy of the pipeline for an event, with separate outputs of jobs
// and steps.
func (p *pipeline) on(event string) *pipeline {
	run := *p
	run.facts = maps.Clone(p.facts)
	run.facts["github.event_name"] = event
	return &run
}

// failedStep is the error of a step that ended with an exit code other than 0.
type failedStep struct {
	name   string
	output string
}

func (e *failedStep) Error() string { return fmt.Sprintf("step %s failed:\n%s", e.name, e.output) }

// job runs a job. ran reports whether the job's condition was true.
func (p *pipeline) job(name string) (ran bool, err error) {
	j, ok := p.workflow.Jobs[name]
	if !ok {
		return false, fmt.Errorf("the workflow has no job %s", name)
	}
	if holds, err := p.holds(j.If); err != nil || !holds {
		return false, err
	}
	w := &worker{pipeline: p, exampleRun: newExampleRun(p.t, p.grid)}
	for _, s := range j.Steps {
		if err := w.step(s); err != nil {
			return true, err
		}
	}
	for output, expression := range j.Outputs {
		value, err := p.fill(expression)
		if err != nil {
			return true, err
		}
		p.facts["needs."+name+".outputs."+output] = value
	}
	return true, nil
}

var expression = regexp.MustCompile(`\$\{\{ ([\w.]+) \}\}`)

// fill replaces expressions with their values.
func (p *pipeline) fill(text string) (string, error) {
	var unknown error
	text = expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := p.facts[name]
		if !ok {
			unknown = fmt.Errorf("the workflow uses %s, which does not exist", name)
		}
		return value
	})
	return text, unknown
}

var comparison = regexp.MustCompile(`^([\w.]+) == '(\w+)'$`)

// holds reports whether a condition is true. A condition is one or more
// comparisons joined by "&&".
func (p *pipeline) holds(condition string) (bool, error) {
	if condition == "" {
		return true, nil
	}
	for part := range strings.SplitSeq(condition, " && ") {
		found := comparison.FindStringSubmatch(part)
		if found == nil {
			return false, fmt.Errorf("this test cannot evaluate the condition %q", part)
		}
		if p.facts[found[1]] != found[2] {
			return false, nil
		}
	}
	return true, nil
}

// worker runs the steps of one job.
type worker struct {
	*pipeline
	*exampleRun
}

func (w *worker) step(s step) error {
	holds, err := w.holds(s.If)
	if err != nil || !holds {
		return err
	}
	if s.Uses != "" {
		return w.action(s)
	}
	return w.script(s)
}

// action simulates an action of GitHub.
func (w *worker) action(s step) error {
	name, _, pinned := strings.Cut(s.Uses, "@")
	if !pinned {
		return fmt.Errorf("%s names no version", s.Uses)
	}
	artifact := filepath.Join(w.artifacts, s.With["name"])
	switch name {
	case "actions/checkout":
		return os.CopyFS(w.Dir, os.DirFS(w.source))
	case "hashicorp/setup-terraform":
		if s.With["terraform_wrapper"] != "false" {
			return errors.New("the wrapper of setup-terraform hides exit codes")
		}
		return nil // the test has put the engine on the PATH
	case "actions/upload-artifact":
		if err := os.RemoveAll(artifact); err != nil {
			return err
		}
		if err := os.Mkdir(artifact, 0o700); err != nil {
			return err
		}
		return copyFile(filepath.Join(w.Dir, s.With["path"]), filepath.Join(artifact, s.With["path"]))
	case "actions/download-artifact":
		return os.CopyFS(w.Dir, os.DirFS(artifact))
	default:
		return fmt.Errorf("this test has no stand-in for %s", name)
	}
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// script runs the script of a step and records its outputs.
func (w *worker) script(s step) error {
	dir := w.pipeline.t.TempDir()
	outputs := filepath.Join(dir, "outputs")
	cmd := exec.CommandContext(w.pipeline.t.Context(), "bash", "-e", "-c", s.Run)
	cmd.Dir = w.Dir
	cmd.Env = append(w.Environ(), "GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+filepath.Join(dir, "summary"))
	for name, value := range w.workflow.Env {
		value, err := w.fill(value)
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	output, err := cmd.CombinedOutput()
	if err != nil {
		return &failedStep{name: s.Name, output: string(output)}
	}
	text, err := os.ReadFile(outputs)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		w.facts["steps."+s.ID+".outputs."+name] = value
	}
	return nil
}
