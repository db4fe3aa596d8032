// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	// longestLine is what cmd.exe takes as a command line, in characters.
	longestLine = 8191
	// sweep bounds the removal of what a broken upload left.
	sweep = 10 * time.Second
	// keptText is how much of what a failed script printed is kept, in bytes.
	keptText = 4 << 10
	// problemMark begins the line in which a script tells what went wrong.
	problemMark = "problem: "
)

// uploader writes the lines of its standard input to a file. One process takes
// the whole content: starting PowerShell for each piece of it would take longer
// than sending the piece. The last line names the digest; where it is missing
// the upload was broken off. Naming $input makes PowerShell read its input.
const uploader = `begin {
  $ErrorActionPreference = 'Stop'
  $ProgressPreference = 'SilentlyContinue'
  $path = %[1]s
  $part = %[2]s
  $file = $null
  $want = ''
  function Stop-Upload($problem) {
    if ($file) {
      $file.Close()
      [IO.File]::Delete($part)
    }
    [Console]::Out.WriteLine('` + problemMark + `' + $problem.Exception.GetBaseException().Message)
    exit 1
  }
  try {
    if ([IO.Directory]::Exists($path)) { throw 'the destination is a directory; it must be the path of the file itself' }
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
    $file = [IO.File]::Create($part)
  } catch { Stop-Upload $_ }
}
process {
  try {
    foreach ($line in $input) {
      if ($line.StartsWith('` + digestMark + `')) { $want = $line.Substring(` + digestMarkLength + `) }
      else {
        $bytes = [Convert]::FromBase64String($line)
        $file.Write($bytes, 0, $bytes.Length)
      }
    }
  } catch { Stop-Upload $_ }
}
end {
  try {
    $file.Close()
    if (-not $want) { throw 'the upload was broken off' }
    $file = [IO.File]::OpenRead($part)
    $got = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($file)).Replace('-', '').ToLower()
    $file.Close()
    if ($got -ne $want) { throw ('what arrived has the sha256 ' + $got + ', and what was sent ' + $want) }
    if ([IO.File]::Exists($path)) {
      [IO.File]::Replace($part, $path, $part + '.old')
      [IO.File]::Delete($part + '.old')
    } else { [IO.File]::Move($part, $path) }
  } catch { Stop-Upload $_ }
}
`

// remover removes an unfinished file. Who wrote it may still be ending.
const remover = `$part = %[1]s
for ($i = 0; $i -lt 20 -and [IO.File]::Exists($part); $i++) {
  try { [IO.File]::Delete($part) } catch { Start-Sleep -Milliseconds 200 }
}
`

// reader prints a file that is not larger than a limit.
const reader = `$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
try {
  $file = New-Object IO.FileStream(%[1]s, 'Open', 'Read', 'ReadWrite')
  if ($file.Length -gt %[2]d) { throw 'it is larger than %[2]d bytes' }
  $buffer = New-Object byte[] 49152
  while (($n = $file.Read($buffer, 0, $buffer.Length)) -gt 0) {
    [Console]::Out.WriteLine([Convert]::ToBase64String($buffer, 0, $n))
  }
} catch {
  [Console]::Out.WriteLine('` + problemMark + `' + $_.Exception.GetBaseException().Message)
  exit 1
}
`

// Upload writes a file, whose path must be absolute: under a temporary name,
// checked by its digest, then moved into place. Folders that are missing are
// made. An error of the content ends it, and nothing is left.
func (c *Client) Upload(ctx context.Context, path string, content io.Reader) error {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	part := path + ".part-" + hex.EncodeToString(random)
	_, err := c.tool(ctx, fmt.Sprintf(uploader, quote(path), quote(part)), newContentLines(content), keptText)
	var told *toolError
	if err != nil && !errors.As(err, &told) {
		c.remove(ctx, part) // a script that told what is wrong has done so
	}
	return err
}

func (c *Client) remove(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(sweep, c.patience))
	defer cancel()
	_, _ = c.tool(ctx, fmt.Sprintf(remover, quote(part)), strings.NewReader(""), keptText) // of a server that is gone there is nothing to remove
}

// Read returns the content of a file, at most limit bytes; one that is larger
// is an error.
func (c *Client) Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	// In base64, with line ends; the file may grow while it is read.
	most := limit + limit/2 + keptText
	text, err := c.tool(ctx, fmt.Sprintf(reader, quote(path), limit), strings.NewReader(""), most)
	if err != nil {
		return nil, err
	}
	var content []byte
	for _, line := range strings.Fields(text) {
		piece, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("what the server sent is not base64: %w", err)
		}
		content = append(content, piece...)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it is larger than %d bytes", limit)
	}
	return content, nil
}

// toolError is what a script of ours told before it ended.
type toolError struct{ text string }

func (e *toolError) Error() string { return e.text }

// tool runs a script of ours and returns what it printed, at most so many
// bytes.
func (c *Client) tool(ctx context.Context, script string, stdin io.Reader, most int64) (string, error) {
	line := encoded(script)
	if len(line) > longestLine {
		return "", &toolError{"the path is too long"}
	}
	stdout, stderr := &bounded{most: most}, &bounded{most: keptText, drop: true}
	code, err := c.execute(ctx, command{line: line, stdin: stdin, stdout: stdout, stderr: stderr})
	if err != nil {
		return "", err
	}
	if code == 0 {
		return stdout.text.String(), nil
	}
	if _, problem, found := strings.Cut(stdout.text.String(), problemMark); found {
		return "", &toolError{strings.TrimSpace(problem)}
	}
	return "", fmt.Errorf("PowerShell ended with code %d: %s", code, strings.TrimSpace(stderr.text.String()))
}

// bounded keeps a text up to a size. What is more is dropped, or an error.
type bounded struct {
	text bytes.Buffer
	most int64
	drop bool
}

// Write keeps what fits.
func (b *bounded) Write(p []byte) (int, error) {
	if free := b.most - int64(b.text.Len()); int64(len(p)) > free {
		if !b.drop {
			return 0, fmt.Errorf("the server sent more than the %d bytes that were to be expected", b.most)
		}
		b.text.Write(p[:free])
		return len(p), nil
	}
	return b.text.Write(p)
}
