// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// randomText returns pseudo-random bytes that are the same in every run.
func randomText(size int) string {
	source := rand.NewChaCha8([32]byte{1})
	text := make([]byte, size)
	_, _ = source.Read(text) // never fails
	return string(text)
}

func TestUpload(t *testing.T) {
	t.Parallel()
	const path = `C:\it's a ‘path’ & %so on%\new\app.bin`
	for name, content := range map[string]string{
		"five megabytes": randomText(5 << 20), "nothing": "", "one byte": "x", "a line": randomText(lineSize), "a piece": randomText(pieceSize),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := winrmtest.Start(t)
			server.Put(path, "what was there before")
			check(t, dial(t, server).Upload(testContext(t), path, strings.NewReader(content)))
			if got, _ := server.File(path); got != content {
				t.Errorf("the file has %d bytes and differs from the %d bytes that were uploaded", len(got), len(content))
			}
			if !slices.Equal(server.Files(), []string{path}) || !server.HasFolder(`C:\it's a ‘path’ & %so on%\new`) {
				t.Errorf("files %q", server.Files())
			}
			if lines := server.CommandLines(); len(lines) != 1 {
				t.Errorf("%d commands were run, want 1", len(lines))
			}
		})
	}
}

func TestFailedUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	broken := errors.New("the source is broken")
	for name, c := range map[string]struct {
		change  func(*winrmtest.Server)
		content io.Reader
		want    string
	}{
		"a full disk":             {func(s *winrmtest.Server) { s.Capacity = 1 << 18 }, strings.NewReader(randomText(1 << 19)), "not enough space on the disk"},
		"changed on its way":      {func(s *winrmtest.Server) { s.Corrupt = true }, strings.NewReader(randomText(1 << 10)), "but the source has"},
		"a broken source":         {nil, io.MultiReader(strings.NewReader(randomText(1<<18)), iotest.ErrReader(broken)), broken.Error()},
		"a source that is cut":    {nil, io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), "unexpected EOF"},
		"a server that goes away": {abortAt("Send", 3), strings.NewReader(randomText(1 << 19)), "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := winrmtest.Start(t, func(s *winrmtest.Server) {
				if c.change != nil {
					c.change(s)
				}
			})
			server.Put(`C:\app.bin`, "what was there before")
			err := dial(t, server).Upload(testContext(t), `C:\app.bin`, c.content)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if content, _ := server.File(`C:\app.bin`); content != "what was there before" || len(server.Files()) != 1 {
				t.Errorf("the destination holds %q, and the files are %q", content, server.Files())
			}
			if server.Shells() != 0 {
				t.Error("a shell is left")
			}
		})
	}
}

// abortAt breaks the connection when the nth message with the given action
// arrives.
func abortAt(action string, nth int32) func(*winrmtest.Server) {
	var seen atomic.Int32
	return func(s *winrmtest.Server) {
		s.Answer = func(_ http.ResponseWriter, _ *http.Request, m winrmtest.Message) bool {
			if m.Action == action && seen.Add(1) == nth {
				panic(http.ErrAbortHandler)
			}
			return false
		}
	}
}

func TestCancelledUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	ctx, cancel := context.WithCancel(testContext(t))
	sent := 0
	content := readerFunc(func(p []byte) (int, error) {
		if sent += len(p); sent > 1<<18 {
			cancel()
		}
		return len(p), nil // endless
	})
	if err := dial(t, server).Upload(ctx, `C:\app.bin`, content); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if files := server.Files(); len(files) != 0 {
		t.Errorf("after the upload the files %q remain", files)
	}
	if !slices.Contains(server.Messages(), "Signal terminate") {
		t.Errorf("messages %q", server.Messages())
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	server.MakeFolder(`C:\folder`)
	client := dial(t, server)
	for path, want := range map[string]string{
		`C:\folder`:                          "the destination is a directory",
		`C:\` + strings.Repeat("long ", 800): "the path is too long",
	} {
		if err := client.Upload(testContext(t), path, strings.NewReader("x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: error %v, want %q", path, err, want)
		}
	}
	if len(server.Files()) != 0 {
		t.Errorf("files %q", server.Files())
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	content := randomText(300_000)
	server.Put(`C:\a 'file'`, content)
	server.Put(`C:\empty`, "")
	client := dial(t, server)
	for path, want := range map[string]string{`C:\a 'file'`: content, `C:\empty`: ""} {
		got, err := client.Read(testContext(t), path, 300_000)
		check(t, err)
		if string(got) != want {
			t.Errorf("%s: read %d bytes, which differ from the %d bytes of the file", path, len(got), len(want))
		}
	}
	for path, want := range map[string]string{`C:\a 'file'`: "it is larger than 299999 bytes", `C:\none`: `Could not find file 'C:\none'.`} {
		if _, err := client.Read(testContext(t), path, 299_999); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}
