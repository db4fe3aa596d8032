// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import (
	"context"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// pieceSize is the size of the largest piece of output, in bytes. It is odd, so
// that characters and lines are split between pieces.
const pieceSize = 32<<10 - 1

// shell is a shell, in which the client runs a single command.
type shell struct {
	id      string
	process *process
}

// process is a running or finished command.
type process struct {
	id    string
	stop  context.CancelFunc
	done  chan struct{} // closed when the process has ended
	stdin *io.PipeWriter

	mu      sync.Mutex
	pieces  []piece
	ended   bool
	code    int
	changed chan struct{} // receives a value after output arrives or the process ends
}

type piece struct {
	stream string
	text   []byte
}

// answer executes the request in a message.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, m Message) {
	if m.Action == "Create" {
		s.create(w, m)
		return
	}
	s.mu.Lock()
	shell := s.shells[m.Shell]
	s.mu.Unlock()
	if shell == nil {
		m.Fault(w, "InvalidSelectors", "2150858843", "The request contained invalid selectors for the resource.")
		return
	}
	switch b := m.body; {
	case m.Action == "Delete":
		s.remove(shell)
		m.Reply(w, http.StatusOK, "")
	case m.Action == "Command" && b.CommandLine != nil && shell.process == nil:
		s.command(w, r, m, shell)
	case shell.process == nil:
		s.t.Errorf("%s without a command", m.Action)
	case m.Action == "Send" && b.Send != nil && b.Send.Stream.CommandID == shell.process.id && b.Send.Stream.Name == "stdin":
		s.send(w, r, m, shell.process)
	case m.Action == "Receive" && b.Receive != nil && b.Receive.DesiredStream.CommandID == shell.process.id:
		s.receive(w, r, m, shell.process)
	case m.Action == "Signal" && b.Signal != nil && b.Signal.CommandID == shell.process.id && b.Signal.Code == windows+"/signal/terminate":
		shell.process.kill()
		m.Reply(w, http.StatusOK, "<rsp:SignalResponse/>")
	default:
		s.t.Errorf("%s with an unexpected body", m.Action)
	}
}

func (s *Server) create(w http.ResponseWriter, m Message) {
	b := m.body.Shell
	if b == nil || b.InputStreams != "stdin" || b.OutputStreams != "stdout stderr" || m.options["WINRS_CODEPAGE"] != "65001" || m.options["WINRS_NOPROFILE"] != "TRUE" {
		s.t.Error("the client created a shell with unexpected streams or options")
	}
	s.mu.Lock()
	created := &shell{id: fmt.Sprintf("SHELL-%d&", len(s.ids))}
	s.shells[created.id] = created
	s.mu.Unlock()
	id := html.EscapeString(created.id)
	text := `<x:ResourceCreated xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer"><a:Address>https://w/wsman</a:Address><a:ReferenceParameters>` +
		`<w:ResourceURI>` + windows + `/cmd</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">` + id + `</w:Selector></w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>`
	if !s.Legacy {
		text += `<rsp:Shell><rsp:ShellId>` + id + `</rsp:ShellId></rsp:Shell>`
	}
	m.Reply(w, http.StatusOK, text)
}

func (s *Server) remove(shell *shell) {
	if shell.process != nil {
		shell.process.kill()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.shells, shell.id)
}

func (s *Server) command(w http.ResponseWriter, r *http.Request, m Message, shell *shell) {
	line := strings.Join(append([]string{m.body.CommandLine.Command}, m.body.CommandLine.Arguments...), " ")
	if m.options["WINRS_SKIP_CMD_SHELL"] != "FALSE" || m.options["WINRS_CONSOLEMODE_STDIN"] != "FALSE" {
		s.t.Error("the client started a command with unexpected options")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context())) // the command outlives the request
	stdin, feed := io.Pipe()
	p := &process{
		id: "COMMAND-" + m.id[len("uuid:"):], stop: cancel, done: make(chan struct{}),
		stdin: feed, changed: make(chan struct{}, 1),
	}
	s.mu.Lock()
	s.commands = append(s.commands, line)
	s.mu.Unlock()
	shell.process = p
	context.AfterFunc(ctx, func() { _ = stdin.CloseWithError(context.Canceled) })
	go func() {
		defer close(p.done)
		code := s.powershell(ctx, line, stdin, p)
		_ = stdin.Close()
		p.update(func() { p.ended, p.code = true, code })
	}()
	m.Reply(w, http.StatusOK, "<rsp:CommandResponse><rsp:CommandId>"+p.id+"</rsp:CommandId></rsp:CommandResponse>")
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, m Message, p *process) {
	stream := m.body.Send.Stream
	text, err := base64.StdEncoding.DecodeString(stream.Text)
	if err != nil {
		s.t.Errorf("standard input: %v", err)
	}
	written := make(chan error, 1)
	go func() {
		_, err := p.stdin.Write(text)
		written <- err
	}()
	select {
	case err = <-written:
	case <-r.Context().Done():
		return
	}
	if err != nil {
		m.Fault(w, "InternalError", "2147942632", "The pipe is being closed.")
		return
	}
	if stream.End == "true" {
		_ = p.stdin.Close() // never fails
	}
	m.Reply(w, http.StatusOK, "<rsp:SendResponse/>")
}

func (s *Server) receive(w http.ResponseWriter, r *http.Request, m Message, p *process) {
	if m.body.Receive.DesiredStream.Names != "stdout stderr" {
		s.t.Error("the client requested only part of the output")
	}
	timer := time.NewTimer(m.timeout)
	defer timer.Stop()
	for {
		if text := p.takeOutput(); text != "" {
			m.Reply(w, http.StatusOK, "<rsp:ReceiveResponse>"+text+"</rsp:ReceiveResponse>")
			return
		}
		select {
		case <-p.changed:
		case <-timer.C:
			m.Fault(w, "TimedOut", "2150858793", "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.")
			return
		case <-r.Context().Done():
			return
		}
	}
}

// kill terminates a process and waits until it has ended.
func (p *process) kill() {
	p.stop()
	<-p.done
}

// takeOutput takes pending output from the process and returns the output as
// XML, with the exit code if the process has ended. It returns an empty string
// if there is no output.
func (p *process) takeOutput() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var text strings.Builder
	for len(p.pieces) > 0 && text.Len() < 2*pieceSize {
		fmt.Fprintf(&text, `<rsp:Stream Name=%q CommandId=%q>%s</rsp:Stream>`, p.pieces[0].stream, p.id, base64.StdEncoding.EncodeToString(p.pieces[0].text))
		p.pieces = p.pieces[1:]
	}
	if p.ended && len(p.pieces) == 0 {
		fmt.Fprintf(&text, `<rsp:Stream Name="stdout" CommandId=%[1]q End="true"/><rsp:Stream Name="stderr" CommandId=%[1]q End="true"/>`+
			`<rsp:CommandState CommandId=%[1]q State="%[2]s/CommandState/Done"><rsp:ExitCode>%[3]d</rsp:ExitCode></rsp:CommandState>`, p.id, windows, uint32(p.code))
	} else if text.Len() > 0 {
		fmt.Fprintf(&text, `<rsp:CommandState CommandId=%q State="%s/CommandState/Running"/>`, p.id, windows)
	}
	return text.String()
}

func (p *process) update(change func()) {
	p.mu.Lock()
	change()
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// output is the standard output or standard error of a process.
type output struct {
	process *process
	stream  string
}

// Write adds the output in pieces of at most pieceSize bytes.
func (o output) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), pieceSize)
		part := append([]byte(nil), rest[:n]...)
		o.process.update(func() { o.process.pieces = append(o.process.pieces, piece{o.stream, part}) })
		rest = rest[n:]
	}
	return len(p), nil
}
