// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Finding is one fault of one file.
type Finding struct {
	File string
	Line int
	Text string
}

// String returns the finding in the form "file:line: text".
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// skippedFolders are the names of folders with generated, built or recorded
// files. Folders with these names are skipped at any depth.
var skippedFolders = []string{".git", ".terraform", "bin", "build", "dist", "golden"}

// Check reads path, and everything below it if it is a folder. Findings are
// sorted by file and line.
func (r *Rules) Check(path string) ([]Finding, error) {
	var findings []Finding
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != path && slices.Contains(skippedFolders, entry.Name()):
			return filepath.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		found, err := r.checkFile(file)
		findings = append(findings, found...)
		return err
	})
	return findings, err
}

func (r *Rules) checkFile(file string) ([]Finding, error) {
	read := readerOf(file)
	if read == nil {
		return nil, nil
	}
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return r.checkSource(file, source, read), nil
}

// readerOf returns the function that collects the text of a file. It chooses
// the function by the name of the file, and returns nil for files that are not
// read.
func readerOf(file string) func([]byte) *passage {
	name := filepath.Base(file)
	switch filepath.Ext(strings.TrimSuffix(name, ".tmpl")) {
	case ".go":
		return readGo
	case ".md":
		return readMarkdown
	case ".sh", ".ps1", ".cmd", ".tf", ".hcl", ".yml", ".yaml":
		return readScript
	case "":
		if name == "GNUmakefile" || isScript(file) {
			return readScript
		}
	}
	return nil
}

// isScript reports whether a file starts with an interpreter line.
func isScript(file string) bool {
	opened, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = opened.Close() }()
	start := make([]byte, 2)
	n, _ := opened.Read(start)
	return string(start[:n]) == "#!"
}

func (r *Rules) checkSource(file string, source []byte, read func([]byte) *passage) []Finding {
	lines := bytes.Split(source, []byte("\n"))
	text := read(source)
	var findings []Finding
	for _, banned := range r.banned {
		for _, match := range banned.pattern.FindAllStringIndex(text.text.String(), -1) {
			line, phrase := text.line(match[0]), text.text.String()[match[0]:match[1]]
			if !r.allows(string(lines[line-1]), phrase) {
				findings = append(findings, Finding{file, line, fmt.Sprintf("%q: %s", phrase, banned.advice)})
			}
		}
	}
	if hasCheckedLength(file) {
		for line, width := range longLines(source) {
			findings = append(findings, Finding{file, line, fmt.Sprintf("%d columns: break the line at column %d", width, columns)})
		}
	}
	slices.SortFunc(findings, func(a, b Finding) int { return a.Line - b.Line })
	return findings
}

// hasCheckedLength reports whether a file holds handwritten Markdown, whose
// line lengths are checked.
func hasCheckedLength(file string) bool {
	path := filepath.ToSlash(file)
	isMarkdown := strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".md.tmpl")
	return isMarkdown && !strings.HasPrefix(path, "docs/") && !strings.Contains(path, "/docs/")
}
