// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	// cleanupTimeout limits the deletion of a shell.
	cleanupTimeout = 5 * time.Second
	// pieceSize is the number of bytes of standard input in one message.
	// Encoded in base64, these bytes must fit into maxEnvelope.
	pieceSize = 108_000
	// stdinLimitFactor extends the time limit of messages with standard input. The
	// server answers only after the command has read the input, and PowerShell
	// starts slowly while a server boots.
	stdinLimitFactor = 3
)

// command is a process on the server.
type command struct {
	// line is a command line for cmd.exe, of at most maxCommandLine characters.
	line           string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Check logs in and opens a shell, as every other operation does, and then
// deletes the shell.
func (c *Client) Check(ctx context.Context) error {
	shell, err := c.open(ctx)
	if err != nil {
		return err
	}
	shell.end(ctx, false)
	return nil
}

// execute runs a command in a new shell and returns its exit code. Shells are
// not reused, because a server allows only a few shells for each account (five
// by default) and ends idle shells.
func (c *Client) execute(ctx context.Context, command command) (int, error) {
	shell, err := c.open(ctx)
	if err != nil {
		return 0, err
	}
	code, err := shell.run(ctx, command)
	shell.end(ctx, err != nil)
	return code, err
}

// shell is a shell on the server, in which the client runs a single command.
type shell struct {
	client  *Client
	id      string
	command string
}

// open creates a shell that writes UTF-8 and does not load the profile of the
// account.
func (c *Client) open(ctx context.Context) (*shell, error) {
	answer, err := c.call(ctx, message{
		action:  actionCreate,
		options: []option{{"WINRS_NOPROFILE", "TRUE"}, {"WINRS_CODEPAGE", "65001"}},
		body:    `<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>`,
		limit:   c.poll,
	})
	if err != nil {
		return nil, err
	}
	id := answer.shellID()
	if id == "" {
		return nil, errors.New("the server created a shell but returned no id")
	}
	return &shell{client: c, id: id}, nil
}

// run starts the command of the shell, sends its standard input and collects
// its output until the command ends.
func (s *shell) run(ctx context.Context, command command) (int, error) {
	if err := s.start(ctx, command.line); err != nil {
		return 0, err
	}
	failed := s.feed(ctx, command.stdin)
	var refused *Fault
	if errors.As(failed, &refused) {
		// The command may have ended without reading its input. Its output and
		// exit code then explain why, so collect them for a short time.
		var stop func()
		ctx, stop = s.client.withLimit(ctx, s.client.answerMargin, failed)
		defer stop()
	} else if failed != nil {
		return 0, failed
	}
	code, err := s.collect(ctx, command.stdout, command.stderr)
	if err != nil && failed != nil {
		err = failed
	}
	return code, err
}

func (s *shell) start(ctx context.Context, line string) error {
	answer, err := s.call(ctx, message{
		action:  actionCommand,
		options: []option{{"WINRS_CONSOLEMODE_STDIN", "FALSE"}, {"WINRS_SKIP_CMD_SHELL", "FALSE"}},
		body:    fmt.Sprintf(`<rsp:CommandLine><rsp:Command>%s</rsp:Command></rsp:CommandLine>`, escape(line)),
	})
	if err != nil {
		return err
	}
	if answer.Command == nil || answer.Command.ID == "" {
		return errors.New("the server started a command but returned no id")
	}
	s.command = answer.Command.ID
	return nil
}

// feed sends the standard input until EOF.
func (s *shell) feed(ctx context.Context, stdin io.Reader) error {
	piece := make([]byte, pieceSize)
	for last := false; !last; {
		var n int
		var err error
		if n, last, err = fill(piece, stdin); err != nil {
			return err
		}
		end := ""
		if last {
			end = ` End="true"`
		}
		_, err = s.call(ctx, message{
			action: actionSend,
			body: fmt.Sprintf(`<rsp:Send><rsp:Stream Name="stdin" CommandId="%s"%s>%s</rsp:Stream></rsp:Send>`,
				escape(s.command), end, base64.StdEncoding.EncodeToString(piece[:n])),
			limit: stdinLimitFactor * s.client.poll,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill reads until piece is full or the reader ends. Unlike io.ReadFull, it
// returns the errors of the reader unchanged, so the caller does not mistake an
// error such as io.ErrUnexpectedEOF for the end.
func fill(piece []byte, from io.Reader) (n int, ended bool, err error) {
	for n < len(piece) {
		count, err := from.Read(piece[n:])
		n += count
		if err == io.EOF {
			return n, true, nil
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// collect writes output to stdout and stderr as the output arrives, until the
// command has ended. It returns the exit code.
func (s *shell) collect(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	for {
		answer, err := s.call(ctx, message{
			action: actionReceive,
			body:   fmt.Sprintf(`<rsp:Receive><rsp:DesiredStream CommandId="%s">stdout stderr</rsp:DesiredStream></rsp:Receive>`, escape(s.command)),
		})
		if isOutputTimeout(err) {
			continue
		}
		if err != nil {
			return 0, err
		}
		received := answer.Received
		if received == nil {
			return 0, errors.New("the server's answer to a request for output contains no output")
		}
		for _, piece := range received.Streams {
			if err := pass(piece, stdout, stderr); err != nil {
				return 0, err
			}
		}
		if received.done() {
			return received.exitCode()
		}
	}
}

func pass(piece stream, stdout, stderr io.Writer) error {
	text, err := piece.content()
	if err != nil || len(text) == 0 {
		return err
	}
	to := stdout
	if piece.Name == "stderr" {
		to = stderr
	}
	_, err = to.Write(text)
	return err
}

// end deletes the shell, even if ctx has ended. If the command is still
// running, end first terminates the command and all processes that it started.
func (s *shell) end(ctx context.Context, running bool) {
	ctx, stop := s.client.withLimit(context.WithoutCancel(ctx), min(cleanupTimeout, s.client.answerMargin), context.DeadlineExceeded)
	defer stop()
	if running && s.command != "" {
		_, _ = s.call(ctx, message{ // deleting the shell also ends the command
			action: actionSignal,
			body:   fmt.Sprintf(`<rsp:Signal CommandId="%s"><rsp:Code>%s/signal/terminate</rsp:Code></rsp:Signal>`, escape(s.command), shellSpace),
		})
	}
	_, _ = s.call(ctx, message{action: actionDelete}) // the server ends idle shells by itself
}

// call sends a message to the shell.
func (s *shell) call(ctx context.Context, m message) (*reply, error) {
	m.shell = s.id
	if m.limit == 0 {
		m.limit = s.client.poll
	}
	return s.client.call(ctx, m)
}
