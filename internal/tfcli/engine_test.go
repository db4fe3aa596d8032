// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// TestMain lets a copy of the test binary play an engine or a simulator,
// depending on its arguments.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "version":
		fmt.Println(`{"terraform_version":"1.11.4"}`)
	case len(os.Args) > 1 && os.Args[1] == "print":
		fmt.Println(strings.Join(os.Environ(), "\n"))
		os.Exit(3)
	case len(os.Args) > 1 && os.Args[1] == "--admin":
		os.Exit(simulate(os.Args[3], os.Args[4]))
	default:
		os.Exit(m.Run())
	}
}

// simulate plays a simulator whose behavior depends on role.
func simulate(ready, role string) int {
	switch role {
	case "fail":
		fmt.Println("the port is taken")
		return 1
	case "hang":
		select {}
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	base := "http://" + listener.Addr().String()
	text, err := json.Marshal(map[string]any{"endpoint": base + "/api", "admin": base + "/admin", "api_key": "K", "shared_secret": "S", "pid": os.Getpid()})
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(ready+".new", text, 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(ready+".new", ready); err != nil {
		panic(err)
	}
	answers := map[string]string{
		"/admin/clock":    `{"now":"2012-03-04T05:06:07Z","speed":60}`,
		"/admin/bill":     `[{"account":1,"usd":1.25},{"account":2,"usd":0.5}]`,
		"/admin/counters": `{"calls":{"grid.server.list":3,"grid.job.list":4},"bytes":{}}`,
		"/admin/state":    `{"servers":[{"name":"a"},{"name":"b"}]}`,
	}
	if role == "broken" {
		answers = nil
	}
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // the process ends with the test
		if answer, ok := answers[r.URL.Path]; ok {
			_, _ = fmt.Fprint(w, answer)
			return
		}
		http.Error(w, "broken", http.StatusInternalServerError)
	})))
}

func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func startSimulator(t *testing.T, role string) (*tfcli.Simulator, error) {
	t.Helper()
	return tfcli.StartSimulator(t.Context(), clockwork.NewRealClock(), self(t), t.TempDir(), role)
}

func TestSimulator(t *testing.T) {
	t.Parallel()
	s, err := startSimulator(t, "serve")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GOGRID_ENDPOINT=" + s.Endpoint, "GOGRID_API_KEY=K", "GOGRID_SHARED_SECRET=S"}
	if diff := cmp.Diff(want, s.Env()); diff != "" || s.Endpoint == "" || s.PID == 0 {
		t.Errorf("the simulator is %+v: %s", s, diff)
	}
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (tfcli.Status{Now: time.Date(2012, 3, 4, 5, 6, 7, 0, time.UTC), USD: 1.75, Calls: 7}); status != want {
		t.Errorf("standing = %+v, want %+v", status, want)
	}
	servers, err := s.Servers(t.Context())
	if err != nil || cmp.Diff([]string{"a", "b"}, servers) != "" {
		t.Errorf("servers = %q, %v", servers, err)
	}
	if err := s.Step(t.Context()); err != nil {
		t.Errorf("switch to a stepped clock: %v", err)
	}
	if now, err := s.Now(t.Context()); err != nil || !now.Equal(status.Now) {
		t.Errorf("now = %v, %v, want %v", now, err, status.Now)
	}
	for range 2 { // the second stop must also succeed
		if err := s.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if _, err := s.Status(t.Context()); err == nil {
		t.Error("the simulator still answers after it was stopped")
	}
}

func TestSimulatorThatAnswersNonsense(t *testing.T) {
	t.Parallel()
	s, err := startSimulator(t, "broken")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("standing: %v, want the status", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func TestSimulatorThatEndsAtOnceShowsItsLog(t *testing.T) {
	t.Parallel()
	if _, err := startSimulator(t, "fail"); err == nil || !strings.Contains(err.Error(), "the port is taken") {
		t.Errorf("start: %v, want its log", err)
	}
}

func TestSimulatorThatDoesNotGetReady(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	failed := make(chan error, 1)
	go func() {
		_, err := tfcli.StartSimulator(t.Context(), clock, self(t), t.TempDir(), "hang")
		failed <- err
	}()
	if err := clock.BlockUntilContext(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "has not accepted connections within 1m0s") {
		t.Errorf("start: %v", err)
	}
}

func TestSimulatorProgramIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := tfcli.StartSimulator(t.Context(), clockwork.NewRealClock(), filepath.Join(dir, "none"), dir)
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("start: %v", err)
	}
}

func TestFindTakesTheNamedEngine(t *testing.T) {
	t.Setenv("TF_ACC_TERRAFORM_PATH", self(t))
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (tfcli.Engine{Path: self(t), Version: "1.11.4"}); *found != want {
		t.Errorf("found %+v, want %+v", *found, want)
	}
	if got := found.Command(); got != self(t) {
		t.Errorf("the command is %s, want the path, because the engine is not on the PATH", got)
	}
	t.Setenv("PATH", filepath.Dir(self(t)))
	if got, want := found.Command(), filepath.Base(self(t)); got != want {
		t.Errorf("the command is %s, want %s", got, want)
	}
}

func TestFindNamesWhatIsMissing(t *testing.T) {
	t.Setenv("TF_ACC_TERRAFORM_PATH", "")
	t.Setenv("PATH", t.TempDir())
	if _, err := tfcli.Find(t.Context()); err == nil || !strings.Contains(err.Error(), "TF_ACC_TERRAFORM_PATH") {
		t.Errorf("find: %v", err)
	}
}

func TestWorkspaceKeepsOthersSettingsAway(t *testing.T) {
	t.Setenv("TF_DATA_DIR", "elsewhere")
	t.Setenv("GOGRID_API_KEY", "another")
	t.Setenv("ENGINE_TEST_KEPT", "yes")
	dir := t.TempDir()
	w, err := tfcli.NewWorkspace(&tfcli.Engine{Path: self(t)}, dir, self(t))
	if err != nil {
		t.Fatal(err)
	}
	w.Env = []string{"GOGRID_ENDPOINT=http://127.0.0.1:1/api"}
	output, code, err := w.Run(t.Context(), "print")
	if err != nil || code != 3 {
		t.Fatalf("run: code %d, %v\n%s", code, err, output)
	}
	for entry, want := range map[string]bool{
		"TF_DATA_DIR=elsewhere": false, "GOGRID_API_KEY=another": false, "ENGINE_TEST_KEPT=yes": true,
		"GOGRID_ENDPOINT=http://127.0.0.1:1/api": true, "TF_CLI_CONFIG_FILE=" + w.CLIConfig(): true, "CHECKPOINT_DISABLE=1": true,
	} {
		if got := strings.Contains("\n"+output, "\n"+entry+"\n"); got != want {
			t.Errorf("%s is in the environment: %t, want %t", entry, got, want)
		}
	}
	mirrored := filepath.Join(dir, "plugins", "registry.terraform.io", "gogrid", "gogrid", "99.0.0", runtime.GOOS+"_"+runtime.GOARCH)
	if entries, err := os.ReadDir(mirrored); err != nil || len(entries) != 1 {
		t.Errorf("the mirror holds %v, %v; want the provider", entries, err)
	}
}

func TestRunOfAMissingEngine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := tfcli.NewWorkspace(&tfcli.Engine{Path: filepath.Join(dir, "none")}, dir, self(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, code, err := w.Run(t.Context(), "plan"); err == nil || code != -1 {
		t.Errorf("run: code %d, %v", code, err)
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	for name, want := range map[string]string{"": "terraform-provider-gogrid", "cmd/gogrid-simulator": "gogrid-simulator"} {
		if got := tfcli.Program("dir", name); got != filepath.Join("dir", want+suffix) {
			t.Errorf("Program(dir, %q) = %s", name, got)
		}
	}
}

func TestBuildShowsWhatTheCompilerSays(t *testing.T) {
	t.Parallel()
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	if err := tfcli.Build(t.Context(), root, t.TempDir(), "cmd/nothing"); err == nil || !strings.Contains(err.Error(), "cmd/nothing") {
		t.Errorf("build: %v", err)
	}
}

func TestRootOutsideTheRepository(t *testing.T) {
	t.Chdir(t.TempDir())
	if root, err := tfcli.Root(); err == nil {
		t.Errorf("root = %s", root)
	}
}
