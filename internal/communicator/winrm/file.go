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
	// maxCommandLine is the longest command line that cmd.exe accepts, in characters.
	maxCommandLine = 8191
	// removeTimeout limits the removal of an unfinished file.
	removeTimeout = 10 * time.Second
	// maxMessage is the number of bytes of a failed script's output that the
	// client keeps.
	maxMessage = 4 << 10
	// problemPrefix starts the line in which a script reports an error.
	problemPrefix = "problem: "
)

// uploader writes the lines of its standard input to a file. One process
// receives the whole content, because starting PowerShell takes longer than
// sending a piece. The last line contains the digest; without that line the
// upload is incomplete. The variable $input makes PowerShell read its standard
// input.
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
    [Console]::Out.WriteLine('` + problemPrefix + `' + $problem.Exception.GetBaseException().Message)
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
      if ($line.StartsWith('` + digestPrefix + `')) { $want = $line.Substring(` + digestPrefixLength + `) }
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
    if (-not $want) { throw 'the upload is incomplete' }
    $file = [IO.File]::OpenRead($part)
    $got = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($file)).Replace('-', '').ToLower()
    $file.Close()
    if ($got -ne $want) { throw ('the file has the sha256 ' + $got + ', but the source has ' + $want) }
    if ([IO.File]::Exists($path)) {
      [IO.File]::Replace($part, $path, $part + '.old')
      [IO.File]::Delete($part + '.old')
    } else { [IO.File]::Move($part, $path) }
  } catch { Stop-Upload $_ }
}
`

// remover removes an unfinished file. It retries for some seconds, because the
// process that wrote the file may not have ended yet.
const remover = `$part = %[1]s
for ($i = 0; $i -lt 20 -and [IO.File]::Exists($part); $i++) {
  try { [IO.File]::Delete($part) } catch { Start-Sleep -Milliseconds 200 }
}
`

// reader prints a file in base64, if the file is not larger than a limit.
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
  [Console]::Out.WriteLine('` + problemPrefix + `' + $_.Exception.GetBaseException().Message)
  exit 1
}
`

// Upload writes a file under a temporary name, verifies its digest and moves it
// into place. The path must be absolute; missing directories are created. If
// reading the content fails, Upload returns that error and removes the
// temporary file.
func (c *Client) Upload(ctx context.Context, path string, content io.Reader) error {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	part := path + ".part-" + hex.EncodeToString(random)
	_, err := c.runScript(ctx, fmt.Sprintf(uploader, quote(path), quote(part)), newUploadLines(content), maxMessage)
	var scriptErr *scriptError
	if err != nil && !errors.As(err, &scriptErr) {
		c.remove(ctx, part) // a script that reports an error removes the file itself
	}
	return err
}

func (c *Client) remove(ctx context.Context, part string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(removeTimeout, c.answerMargin))
	defer cancel()
	_, _ = c.runScript(ctx, fmt.Sprintf(remover, quote(part)), strings.NewReader(""), maxMessage) // if the server is gone, the file cannot be removed
}

// Read returns the content of a file. It returns an error if the file has more
// than limit bytes.
func (c *Client) Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	// Allow more output than limit: base64 and line ends add bytes, and the
	// file may grow while it is read.
	outputLimit := limit + limit/2 + maxMessage
	text, err := c.runScript(ctx, fmt.Sprintf(reader, quote(path), limit), strings.NewReader(""), outputLimit)
	if err != nil {
		return nil, err
	}
	var content []byte
	for _, line := range strings.Fields(text) {
		piece, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, fmt.Errorf("the output of the server is not base64: %w", err)
		}
		content = append(content, piece...)
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("it is larger than %d bytes", limit)
	}
	return content, nil
}

// scriptError is an error that a script of this package reported.
type scriptError struct{ text string }

func (e *scriptError) Error() string { return e.text }

// runScript runs a script of this package and returns its output, which must
// not exceed limit bytes.
func (c *Client) runScript(ctx context.Context, script string, stdin io.Reader, limit int64) (string, error) {
	line := encodedCommand(script)
	if len(line) > maxCommandLine {
		return "", &scriptError{"the path is too long"}
	}
	stdout, stderr := &boundedBuffer{limit: limit}, &boundedBuffer{limit: maxMessage, drop: true}
	code, err := c.execute(ctx, command{line: line, stdin: stdin, stdout: stdout, stderr: stderr})
	if err != nil {
		return "", err
	}
	if code == 0 {
		return stdout.text.String(), nil
	}
	if _, problem, found := strings.Cut(stdout.text.String(), problemPrefix); found {
		return "", &scriptError{strings.TrimSpace(problem)}
	}
	return "", fmt.Errorf("PowerShell ended with code %d: %s", code, strings.TrimSpace(stderr.text.String()))
}

// boundedBuffer keeps at most limit bytes. If drop is set, it drops any further
// bytes; otherwise Write returns an error.
type boundedBuffer struct {
	text  bytes.Buffer
	limit int64
	drop  bool
}

// Write keeps the bytes that fit, if drop is set.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if free := b.limit - int64(b.text.Len()); int64(len(p)) > free {
		if !b.drop {
			return 0, fmt.Errorf("the server sent more than the %d bytes that were expected", b.limit)
		}
		b.text.Write(p[:free])
		return len(p), nil
	}
	return b.text.Write(p)
}
