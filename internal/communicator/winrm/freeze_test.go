// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// A server that stops answering must not block a call: each call ends with its
// context or at its own limit. The error names the step.
func TestFrozenServers(t *testing.T) {
	t.Parallel()
	run := func(ctx context.Context, client *Client) error {
		_, _, _, err := script(ctx, client, "Get-Thing")
		return err
	}
	upload := func(ctx context.Context, client *Client) error {
		return client.Upload(ctx, `C:\file`, strings.NewReader("content"))
	}
	const connect, handshake, halfAnswer = "connecting", "the TLS handshake", "the middle of an answer"
	cases := []struct {
		at   string // a message, or one of the constants
		step string
		what string
		call func(context.Context, *Client) error
	}{
		// The client may notice later that the server has the whole message, so these cases
		// check only the first part of the step.
		{connect, "create a shell: connect", "run", run},
		{handshake, "create a shell: TLS handshake", "run", run},
		{halfAnswer, "create a shell:", "run", run},
		{"Create", "create a shell:", "run", run},
		{"Command", "start the command:", "run", run},
		{"Send", "send the input:", "run", run},
		{"Receive", "receive the output:", "run", run},
		{"Send", "send the input:", "upload", upload},
		{"Receive", "receive the output:", "upload", upload},
		{"Delete", "", "run", run}, // the command has already ended, so run returns its result
	}
	var mu sync.Mutex
	var table []string
	t.Cleanup(func() {
		slices.Sort(table)
		t.Log("the server freezes at | call | ended by | step in the error\n" + strings.Join(table, "\n"))
	})
	for _, c := range cases {
		for _, by := range []string{"its context", "its limit"} {
			t.Run(c.what+" at "+c.at+" by "+by, func(t *testing.T) {
				t.Parallel()
				frozen := make(chan struct{})
				var once sync.Once
				freeze := func() {
					once.Do(func() { close(frozen) })
					<-t.Context().Done()
				}
				server := winrmtest.Start(t, func(s *winrmtest.Server) {
					s.Answer = func(w http.ResponseWriter, r *http.Request, m winrmtest.Message) bool {
						if c.at == halfAnswer {
							w.Header().Set("Content-Length", "1000")
							_, _ = w.Write([]byte("<s:Envelope"))
							_ = http.NewResponseController(w).Flush()
						}
						if c.at == halfAnswer || m.Action == c.at {
							once.Do(func() { close(frozen) })
							select {
							case <-r.Context().Done():
							case <-t.Context().Done():
							}
							panic(http.ErrAbortHandler)
						}
						return false
					}
				})
				clock := clockwork.NewFakeClock()
				client := dial(t, server, func(config *Config) {
					config.Clock, config.AnswerMargin, config.Poll = clock, longTimeout, longTimeout
					config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
						switch c.at {
						case connect:
							freeze()
						case handshake:
							ours, theirs := net.Pipe()
							go func() {
								_, _ = theirs.Read(make([]byte, 1)) // the client's first byte
								freeze()
								_ = theirs.Close()
							}()
							return ours, nil
						}
						return (&net.Dialer{}).DialContext(ctx, network, address)
					}
				})
				ctx, cancel := context.WithCancel(testContext(t))
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- c.call(ctx, client) }()
				<-frozen
				if by == "its context" {
					cancel()
				}
				err := advanceWhileWaiting(t, clock, ended)
				var silent *SilenceError
				switch {
				case c.step == "":
					if err != nil {
						t.Errorf("error %v, want none", err)
					}
				case err == nil || !strings.Contains(err.Error(), `in the step "`+c.step):
					t.Errorf("error %v, want the step %q", err, c.step)
				case by == "its context" && !errors.Is(err, context.Canceled):
					t.Errorf("error %v, want context.Canceled", err)
				case by == "its limit" && !errors.As(err, &silent):
					t.Errorf("error %v, want a limit", err)
				}
				mu.Lock()
				defer mu.Unlock()
				table = append(table, fmt.Sprintf("%s | %s | %s | %s", c.at, c.what, by, c.step))
			})
		}
	}
}

// advanceWhileWaiting advances the clock as long as an operation waits for it, and
// returns the operation's error.
func advanceWhileWaiting(t *testing.T, clock *clockwork.FakeClock, ended <-chan error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longTimeout)
	defer cancel()
	result := make(chan error, 1)
	go func() {
		result <- <-ended
		cancel()
	}()
	pause := time.NewTicker(time.Millisecond) // gives the operation time to react; its length does not matter
	defer pause.Stop()
	for clock.BlockUntilContext(ctx, 1) == nil {
		clock.Advance(longTimeout / 10)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
	select {
	case err := <-result:
		return err
	default:
		t.Fatal("the call did not end")
		return nil
	}
}
