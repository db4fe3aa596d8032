// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package startup

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// guest simulates, in a folder, a server that runs a rendered script.
// GOGRID_ROOT names the root folder. Programs that change a network are stubs
// that record their calls. The stub of smbclient copies from and to a folder
// that represents Cloud Storage.
type guest struct {
	t       *testing.T
	shell   string
	root    string
	cloud   string
	bin     string
	calls   string
	config  Config
	startup string
}

func testConfig() Config {
	return Config{
		OS: Linux,
		Network: Network{
			Mode:   ModeDHCP,
			Routes: []Route{{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParseAddr("10.110.0.1")}},
		},
		Storage: Storage{Host: "22290.cloud.storage.gogrid.com", Share: "22290", Username: "22290", PasswordFile: "/etc/gogrid/storage.password"},
		Channel: "web",
	}
}

// shells runs a test for each shell that scripts must support.
func shells(t *testing.T, test func(t *testing.T, shell string)) {
	t.Helper()
	for _, shell := range []string{"dash", "bash"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed", shell)
			}
			test(t, path)
		})
	}
}

func newGuest(t *testing.T, shell string, config Config) *guest {
	t.Helper()
	for _, program := range []string{"unzip", "sha256sum"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	dir := t.TempDir()
	g := &guest{
		t: t, shell: shell, config: config, root: filepath.Join(dir, "root"), cloud: filepath.Join(dir, "cloud"), bin: filepath.Join(dir, "bin"),
		calls: filepath.Join(dir, "calls"),
	}
	for _, folder := range []string{g.root, g.cloud, g.bin} {
		g.must(os.MkdirAll(folder, 0o755))
	}
	g.must(os.Symlink(shell, filepath.Join(g.bin, "sh")))
	stubs, err := filepath.Glob("testdata/stubs/*")
	g.must(err)
	for _, stub := range stubs {
		text, err := os.ReadFile(stub)
		g.must(err)
		g.must(os.WriteFile(filepath.Join(g.bin, filepath.Base(stub)), text, 0o755))
	}
	g.bake()
	g.write(g.root, "etc/gogrid/storage.password", password+"\n")
	return g
}

// bake writes the rendered files to the guest.
func (g *guest) bake() {
	g.t.Helper()
	rendered, err := Render(g.config)
	g.must(err)
	for _, file := range rendered.Files {
		g.write(g.root, file.Path, file.Content)
	}
	// The script calls the other files by absolute paths.
	text := strings.ReplaceAll(rendered.Script, "'/usr/local/lib/gogrid/", "'"+g.root+"/usr/local/lib/gogrid/")
	g.write(g.root, rendered.ScriptPath, text)
	g.startup = filepath.Join(g.root, rendered.ScriptPath)
}

func (g *guest) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *guest) write(folder, name, content string) {
	g.t.Helper()
	path := filepath.Join(folder, name)
	g.must(os.MkdirAll(filepath.Dir(path), 0o755))
	g.must(os.WriteFile(path, []byte(content), 0o644))
}

// read returns the content of a file in a folder, or "" if it does not exist.
func (g *guest) read(folder, name string) string {
	g.t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		g.t.Fatal(err)
	}
	return string(text)
}

// command returns the command that a boot runs: the startup script.
func (g *guest) command(env ...string) *exec.Cmd {
	cmd := exec.CommandContext(g.t.Context(), g.shell, g.startup)
	cmd.Env = append([]string{
		"PATH=" + g.bin + ":/usr/bin:/bin", "GOGRID_ROOT=" + g.root, "STUB_CLOUD=" + g.cloud, "STUB_CALLS=" + g.calls,
		"STUB_STATE=" + filepath.Dir(g.bin),
	}, env...)
	return cmd
}

// boot runs the startup script and returns its exit code.
func (g *guest) boot(env ...string) int {
	g.t.Helper()
	output, err := g.command(env...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		g.t.Fatal(err)
	}
	g.t.Logf("boot %v: %v\n%s", env, err, output)
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

func (g *guest) wantBoot(code int, env ...string) {
	g.t.Helper()
	if got := g.boot(env...); got != code {
		g.t.Fatalf("the boot ended with code %d, want %d; log:\n%s", got, code, g.read(g.root, "var/log/gogrid-startup.log"))
	}
}

// outcome returns a status on one line.
func outcome(s Status) string {
	var results []string
	for _, step := range s.Steps {
		results = append(results, step.Kind+" "+step.Result)
	}
	return fmt.Sprintf("%s of %s: %s [%s]", s.Release, s.Wanted, s.Result, strings.Join(results, ", "))
}

// status decodes the status that the server wrote. It checks that no time in the
// status is later than the end of the boot.
func (g *guest) status(folder, name string) Status {
	g.t.Helper()
	text := g.read(folder, name)
	s, err := DecodeStatus(text)
	if err != nil {
		g.t.Fatalf("%s: %v\n%s", name, err, text)
	}
	for _, at := range []string{s.Since, s.Started} {
		if _, err := time.Parse(time.RFC3339, at); err != nil && (at != s.Since || s.Release != "") || at > s.Time {
			g.t.Errorf("%s has the time %q before %q: %v", name, at, s.Time, err)
		}
	}
	return s
}

func (g *guest) wantStatus(want string) {
	g.t.Helper()
	if got := outcome(g.status(g.cloud, "status/web-1.json")); got != want {
		g.t.Errorf("the status is\n%s\nwant\n%s", got, want)
	}
}

// publish uploads a release to Cloud Storage and points the channel to it. As
// in a bootstrap archive, the manifest has one step on each line.
func (g *guest) publish(release string, files map[string]string, steps ...string) {
	g.t.Helper()
	digest := g.upload(release, files, steps...)
	g.point("channels/web.json", release, digest)
}

func (g *guest) upload(release string, files map[string]string, steps ...string) string {
	g.t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	add := func(name, content string) {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate}
		header.SetMode(0o644)
		if strings.HasPrefix(content, "#!") {
			header.SetMode(0o755)
		}
		entry, err := w.CreateHeader(header)
		g.must(err)
		_, err = entry.Write([]byte(content))
		g.must(err)
	}
	add("bootstrap.json", fmt.Sprintf("{\n\"version\": 1,\n\"release\": %q,\n\"os\": \"linux\",\n\"steps\": [\n%s\n],\n\"files\": [\n]\n}\n", release, strings.Join(steps, ",\n")))
	for name, content := range files {
		add(name, content)
	}
	g.must(w.Close())
	g.write(g.cloud, "releases/"+release+".zip", archive.String())
	sum := sha256.Sum256(archive.Bytes())
	return hex.EncodeToString(sum[:])
}

func (g *guest) point(name, release, digest string) {
	g.t.Helper()
	pointer := Pointer{Release: release, Archive: "releases/" + release + ".zip", SHA256: digest}
	if strings.HasPrefix(name, "channels/") {
		pointer = fullPointer(pointer)
	}
	g.write(g.cloud, name, pointer.Encode())
}
