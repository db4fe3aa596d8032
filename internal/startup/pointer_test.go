// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"strings"
	"testing"
)

func pointerTo(release string) Pointer {
	return Pointer{Release: release, Archive: "releases/" + release + ".zip", SHA256: strings.Repeat("0a", 32)}
}

// fullPointer returns p with all keys of a channel's pointer set.
func fullPointer(p Pointer) Pointer {
	p = p.After(Pointer{Release: "before", Archive: "releases/before.zip", SHA256: strings.Repeat("0b", 32)})
	p.UpdatedBy, p.UpdatedAt = "shop", "2026-11-25T10:00:00Z"
	return p
}

func TestPointers(t *testing.T) {
	t.Parallel()
	good := pointerTo("v1-0011")
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []Pointer{
		{Release: "../v1", Archive: good.Archive, SHA256: good.SHA256},
		{Release: good.Release, Archive: "a/../b.zip", SHA256: good.SHA256},
		{Release: good.Release, Archive: good.Archive, SHA256: "00"},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// TestForeignPointer decodes pointers from other writers. DecodePointer must
// shorten texts for people and remove their control characters. It must also
// remove an invalid previous release.
func TestForeignPointer(t *testing.T) {
	t.Parallel()
	good := pointerTo("v1")
	good.UpdatedBy, good.UpdatedAt = "shop\x1b[31m", strings.Repeat("9", 1000)
	good.PreviousRelease, good.PreviousArchive, good.PreviousSHA256 = "\x1b[2J", good.Archive, good.SHA256
	want := pointerTo("v1")
	want.UpdatedBy, want.UpdatedAt = "shop [31m", strings.Repeat("9", 64)+"..."
	if got, err := DecodePointer(good.Encode()); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	full := fullPointer(pointerTo("v1"))
	if got, err := DecodePointer(full.Encode()); err != nil || got != full {
		t.Errorf("got %+v, %v", got, err)
	}
	long := strings.Repeat("é", 1000)
	for _, bad := range []Pointer{
		{Release: long, Archive: good.Archive, SHA256: good.SHA256},
		{Release: "v1", Archive: long, SHA256: good.SHA256},
		{Release: "v1", Archive: good.Archive, SHA256: long},
	} {
		if _, err := DecodePointer(bad.Encode()); err == nil || len(err.Error()) > 400 {
			t.Errorf("got %v", err)
		}
	}
}

// TestPointerText checks that each key is on its own line, and that the keys for
// servers come first.
func TestPointerText(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("0a", 32)
	want := `{
  "release": "v1",
  "archive": "releases/v1.zip",
  "sha256": "` + digest + `"
}
`
	if got := pointerTo("v1").Encode(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	want = `{
  "release": "v1",
  "archive": "releases/v1.zip",
  "sha256": "` + digest + `",
  "previous_release": "before",
  "previous_archive": "releases/before.zip",
  "previous_sha256": "` + strings.Repeat("0b", 32) + `",
  "updated_by": "shop",
  "updated_at": "2026-11-25T10:00:00Z"
}
`
	full := fullPointer(pointerTo("v1"))
	if got := full.Encode(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for name, text := range map[string]string{"as written": want, "with the lines of Windows": strings.ReplaceAll(want, "\n", "\r\n")} {
		if got, err := DecodePointer(text); err != nil || got != full {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// TestPointersThatServersCannotRead checks that DecodePointer returns an error
// for each.
func TestPointersThatServersCannotRead(t *testing.T) {
	t.Parallel()
	good := pointerTo("v1").Encode()
	for name, tc := range map[string]struct{ text, want string }{
		"empty":        {"", "not JSON"},
		"cut":          {good[:len(good)-4], "not JSON"},
		"a number":     {strings.Replace(good, `"v1"`, "1", 1), "not JSON as servers read it"},
		"one line":     {strings.ReplaceAll(good, "\n", " "), "on a line of its own"},
		"no space":     {strings.ReplaceAll(good, ": ", ":"), "on a line of its own"},
		"an escape":    {strings.Replace(good, `"v1"`, `"\u00761"`, 1), "do not find release"},
		"no release":   {strings.Replace(good, `"release"`, `"relaese"`, 1), `the release "" is not`},
		"a bad digest": {strings.Replace(good, "0a0a", "0A0A", 1), "64 lower-case hex digits"},
	} {
		if p, err := DecodePointer(tc.text); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %+v, %v, want %s", name, p, err, tc.want)
		}
	}
}

// TestPointerAfter checks that the current release becomes the previous one, also
// in a rollback.
func TestPointerAfter(t *testing.T) {
	t.Parallel()
	first, second := pointerTo("v1"), pointerTo("v2")
	second.SHA256 = strings.Repeat("0c", 32)
	next := second.After(first)
	if !next.SameRelease(second) || next.PreviousRelease != "v1" || next.PreviousArchive != first.Archive || next.PreviousSHA256 != first.SHA256 {
		t.Errorf("the pointer after v1 is %+v", next)
	}
	back := first.After(next)
	if !back.SameRelease(first) || back.PreviousRelease != "v2" || back.PreviousSHA256 != second.SHA256 {
		t.Errorf("the pointer of the rollback is %+v", back)
	}
	moved := second
	moved.Archive = "old/v2.zip"
	if moved = moved.After(next); moved.Archive != "old/v2.zip" || moved.PreviousRelease != "v1" {
		t.Errorf("a moved archive gives %+v", moved)
	}
	lost := next
	lost.Release, lost.Archive, lost.SHA256 = "", "", ""
	if mended := second.After(lost); mended.Release != "v2" || mended.PreviousRelease != "v1" {
		t.Errorf("the pointer after an empty one is %+v", mended)
	}
	rebuilt := second
	rebuilt.SHA256 = strings.Repeat("0d", 32)
	if rebuilt = rebuilt.After(next); rebuilt.PreviousRelease != "v2" || rebuilt.PreviousSHA256 != second.SHA256 {
		t.Errorf("a different archive with the same name gives %+v", rebuilt)
	}
}
