// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

const (
	// ManifestName is the name of the manifest, at the root of the archive.
	ManifestName = "bootstrap.json"
	// ManifestVersion is the version of the manifest's format.
	ManifestVersion = 1
	// releaseDigits is the number of hex digits of the digest in a release's
	// name: enough to make the names within one deployment unique.
	releaseDigits = 16
	// MaxVersionLength is the maximum length of Recipe.Version, in bytes.
	MaxVersionLength = 40
)

// Manifest lists the files of an archive and the steps that a server runs.
type Manifest struct {
	// Version is ManifestVersion.
	Version int
	// Release ends in a digest of the rest of the manifest, which includes the
	// digests of all files.
	Release string
	OS      OS
	Steps   []Step
	Files   []Entry
}

// newManifest returns the manifest for entries and the steps of a recipe, with
// the defaults of the steps filled in.
func newManifest(r Recipe, entries []Entry) (Manifest, error) {
	m := Manifest{Version: ManifestVersion, OS: r.OS, Steps: r.completeSteps(), Files: entries}
	// Release is still empty here, because it is derived from this text.
	text, err := m.encode()
	if err != nil {
		return Manifest{}, err
	}
	sum := sha256.Sum256([]byte(text))
	m.Release = hex.EncodeToString(sum[:])[:releaseDigits]
	if r.Version != "" {
		m.Release = r.Version + "-" + m.Release
	}
	return m, nil
}

// checkVersion checks that the name of a release can begin with version.
// Servers use that name for files and folders.
func checkVersion(version string) []Problem {
	problem := func(err error) []Problem { return []Problem{{Field: FieldVersion, Err: err}} }
	if len(version) > MaxVersionLength {
		return problem(fmt.Errorf("the version has %d characters: at most %d are allowed", len(version), MaxVersionLength))
	}
	for i, c := range version {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._-", c)) {
			return problem(fmt.Errorf("the version %q has %q at position %d: it must consist of letters, digits, dots, dashes and underscores, and begin with a letter or digit", version, c, i+1))
		}
	}
	if version != "" && isReserved(version+"-") {
		return problem(fmt.Errorf("the version %q begins like a Windows device name: choose another", version))
	}
	return nil
}

// encode returns the manifest as JSON with one line for each step and each file.
// Line-based tools can therefore read and compare manifests. A change of the
// layout changes the bytes of every archive.
func (m Manifest) encode() (string, error) {
	release, err := encodeLine(m.Release)
	if err != nil {
		return "", fmt.Errorf("writing the manifest: %w", err)
	}
	system, err := encodeLine(m.OS)
	if err != nil {
		return "", fmt.Errorf("writing the manifest: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{\n\"version\": %d,\n\"release\": %s,\n\"os\": %s,\n", m.Version, release, system)
	if err := encodeLines(&b, "steps", m.Steps); err != nil {
		return "", err
	}
	b.WriteString(",\n")
	if err := encodeLines(&b, "files", m.Files); err != nil {
		return "", err
	}
	b.WriteString("\n}\n")
	return b.String(), nil
}

func encodeLines[T any](b *strings.Builder, name string, values []T) error {
	fmt.Fprintf(b, "%q: [", name)
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		line, err := encodeLine(value)
		if err != nil {
			return fmt.Errorf("writing the manifest: %w", err)
		}
		b.Write(line)
	}
	b.WriteString("\n]")
	return nil
}

// encodeLine returns value as JSON on one line, without HTML escapes.
func encodeLine(value any) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(line.Bytes(), []byte("\n")), err
}

// wireManifest is the JSON form of a Manifest, for decoding.
type wireManifest struct {
	Version int     `json:"version"`
	Release string  `json:"release"`
	OS      OS      `json:"os"`
	Steps   []Step  `json:"steps"`
	Files   []Entry `json:"files"`
}

// ParseManifest decodes a manifest. It returns an error if the version is not
// ManifestVersion, if the release is missing, or if a path fails CheckPath.
func ParseManifest(text string) (Manifest, error) {
	var wire wireManifest
	if err := json.Unmarshal([]byte(text), &wire); err != nil {
		return Manifest{}, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	if wire.Version != ManifestVersion {
		return Manifest{}, fmt.Errorf("the manifest has version %d: it must be %d", wire.Version, ManifestVersion)
	}
	if wire.Release == "" {
		return Manifest{}, errors.New("the manifest names no release")
	}
	for _, entry := range wire.Files {
		if err := CheckPath(entry.Path); err != nil {
			return Manifest{}, fmt.Errorf("the manifest's path %q %w", entry.Path, err)
		}
	}
	return Manifest(wire), nil
}

type wireEntry struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	Mode   string `json:"mode"`
	SHA256 string `json:"sha256"`
}

// MarshalJSON encodes an entry for the manifest, with the mode in octal.
func (e Entry) MarshalJSON() ([]byte, error) {
	return encodeLine(wireEntry{Path: e.Path, Size: e.Size, Mode: fmt.Sprintf("%04o", e.Mode.Perm()), SHA256: e.SHA256})
}

// UnmarshalJSON decodes an entry of a manifest.
func (e *Entry) UnmarshalJSON(text []byte) error {
	var wire wireEntry
	if err := json.Unmarshal(text, &wire); err != nil {
		return err
	}
	mode, err := strconv.ParseUint(wire.Mode, 8, 9)
	if err != nil {
		return fmt.Errorf("the mode %q of %q is not octal: %w", wire.Mode, wire.Path, err)
	}
	*e = Entry{Path: wire.Path, Size: wire.Size, Mode: fs.FileMode(mode), SHA256: wire.SHA256}
	return nil
}
