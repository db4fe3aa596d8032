// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/ssh"
)

// process is a command on its own channel. It does not use
// golang.org/x/crypto/ssh.Session, which waits until the channel is closed: a child
// that keeps the output open would block it for as long as the child runs.
type process struct {
	channel ssh.Channel
	// over is closed when the exit status has arrived, or when the channel was
	// closed without one.
	over chan struct{}
	// copied is closed when the whole output has arrived.
	copied chan struct{}
	// output counts the bytes of output that have arrived.
	output atomic.Int64

	mu     sync.Mutex
	exited bool
	code   int
	signal string
}

// openChannel opens a channel for a command or for SFTP.
func (s *sshSession) openChannel(ctx context.Context) (ssh.Channel, <-chan *ssh.Request, error) {
	type opened struct {
		channel  ssh.Channel
		requests <-chan *ssh.Request
	}
	got, err := awaitStep(ctx, s.answerLimit(), stepChannel, func() (opened, error) {
		channel, requests, err := s.client.OpenChannel("session", nil)
		return opened{channel, requests}, err
	}, func(late opened) {
		go ssh.DiscardRequests(late.requests)
		_ = late.channel.Close()
	})
	return got.channel, got.requests, err
}

// request sends a request on a channel and waits for the answer.
func (s *sshSession) request(ctx context.Context, channel ssh.Channel, step, name, text string) error {
	accepted, err := awaitStep(ctx, s.answerLimit(), step, func() (bool, error) {
		return channel.SendRequest(name, true, ssh.Marshal(struct{ Text string }{text}))
	}, nil)
	if err == nil && !accepted {
		return fmt.Errorf("the server refused the request, in the step %q", step)
	}
	return err
}

// answerLimit is the time limit for steps that the SSH server answers itself.
func (s *sshSession) answerLimit() patience {
	return patience{clock: s.options.Network, limit: s.options.Answer}
}

// workLimit is the time limit for steps that programs on the server answer.
func (s *sshSession) workLimit() patience {
	return patience{clock: s.options.Network, limit: 2 * s.options.Answer}
}

// startProcess starts a command line and sends stdin to its standard input.
func (s *sshSession) startProcess(ctx context.Context, line, stdin string, stdout, stderr io.Writer) (*process, error) {
	channel, requests, err := s.openChannel(ctx)
	if err != nil {
		return nil, err
	}
	p := &process{channel: channel, over: make(chan struct{}), copied: make(chan struct{})}
	go p.watch(requests)
	if err := s.request(ctx, channel, stepStart, "exec", line); err != nil {
		p.close()
		return nil, err
	}
	go func() {
		_, _ = io.Copy(channel, strings.NewReader(stdin)) // the command may end without reading it
		_ = channel.CloseWrite()
	}()
	var streams sync.WaitGroup
	streams.Go(func() { _, _ = io.Copy(&countingWriter{stdout, &p.output}, channel) }) // fails if the connection is lost, which also fails the command
	streams.Go(func() { _, _ = io.Copy(&countingWriter{stderr, &p.output}, channel.Stderr()) })
	go func() {
		streams.Wait()
		close(p.copied)
	}()
	return p, nil
}

// countingWriter adds the number of written bytes to a counter.
type countingWriter struct {
	io.Writer
	count *atomic.Int64
}

func (w *countingWriter) Write(b []byte) (int, error) {
	w.count.Add(int64(len(b)))
	return w.Writer.Write(b)
}

// watch handles the requests of the server until the channel is closed.
func (p *process) watch(requests <-chan *ssh.Request) {
	ended := sync.OnceFunc(func() { close(p.over) })
	defer ended()
	for r := range requests {
		switch r.Type {
		case "exit-status":
			if len(r.Payload) >= 4 {
				p.exit(int(binary.BigEndian.Uint32(r.Payload)), "")
				ended()
			}
		case "exit-signal":
			var text struct {
				Signal   string
				Dumped   bool
				Message  string
				Language string
			}
			if ssh.Unmarshal(r.Payload, &text) == nil {
				p.exit(0, text.Signal)
				ended()
			}
		}
		if r.WantReply {
			_ = r.Reply(false, nil) // fails only if the connection has ended
		}
	}
}

// signals maps signal names to their numbers: a shell reports 128 plus the
// number as the exit code.
var signals = map[string]int{"ABRT": 6, "ALRM": 14, "FPE": 8, "HUP": 1, "ILL": 4, "INT": 2, "KILL": 9, "PIPE": 13, "QUIT": 3, "SEGV": 11, "TERM": 15}

func (p *process) exit(code int, signal string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exited {
		return
	}
	if signal != "" {
		code = 128 + signals[signal]
	}
	p.exited, p.code, p.signal = true, code, signal
}

// result returns the exit code and signal. ok is false if the server sent no
// exit status.
func (p *process) result() (code int, signal string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.code, p.signal, p.exited
}

// sendSignal asks the server to signal the command. Servers may ignore the
// request.
func (p *process) sendSignal(signal ssh.Signal) {
	_, _ = p.channel.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{string(signal)}))
}

// close closes the channel. It does not wait, because the server may have stopped
// reading.
func (p *process) close() { go func() { _ = p.channel.Close() }() }

// drain waits for the rest of the output of a command that has ended. It returns
// false if another process keeps the output open: that process has printed nothing
// for drainQuiet, or the whole drain takes longer than drainLimit.
func (s *sshSession) drain(ctx context.Context, p *process) bool {
	ctx, stop := withLimit(ctx, s.options.Network, drainLimit, func() error { return errors.New("the output does not end") })
	defer stop()
	quiet := patience{clock: s.options.Network, limit: drainQuiet, progress: &p.output}
	_, err := awaitStep(ctx, quiet, "read the rest of the output", func() (struct{}, error) {
		<-p.copied
		return struct{}{}, nil
	}, nil)
	return err == nil
}
