// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
)

// serverAnswering returns a server that passes the messages of one action to
// answer. Its programs run until they are terminated.
func serverAnswering(t *testing.T, action string, answer func(w http.ResponseWriter, r *http.Request, m winrmtest.Message)) *winrmtest.Server {
	t.Helper()
	return winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(ctx context.Context, _ winrmtest.Program) int {
			<-ctx.Done()
			return 1
		}
		s.Answer = func(w http.ResponseWriter, r *http.Request, m winrmtest.Message) bool {
			if m.Action == action {
				answer(w, r, m)
			}
			return m.Action == action
		}
	})
}

func TestSilentServerEndsAtTheDeadline(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"Create", "Command", "Send", "Receive"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			server := serverAnswering(t, action, func(_ http.ResponseWriter, r *http.Request, _ winrmtest.Message) { <-r.Context().Done() })
			_, _, _, err := script(testContext(t), dial(t, server, shortLimits), "x")
			var silent *SilenceError
			if !errors.As(err, &silent) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("in the middle of an answer", func(t *testing.T) {
		t.Parallel()
		server := serverAnswering(t, "Create", func(w http.ResponseWriter, r *http.Request, _ winrmtest.Message) {
			_, _ = io.WriteString(w, "<s:Envelope")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		var silent *SilenceError
		if err := dial(t, server, shortLimits).Check(testContext(t)); !errors.As(err, &silent) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		text   string
		want   string
	}{
		"a page":            {200, "<html><body>It works!</body></html>", `HTTP 200, but the answer is not a WS-Management message (not a SOAP envelope): "<html><body>It works!</body></html>"`},
		"not found":         {404, "404 page not found", "HTTP 404"},
		"an internal error": {500, "Internal Server Error", "HTTP 500"},
		"booting":           {503, "Service Unavailable", "HTTP 503"},
		"nothing":           {200, "", "not a SOAP envelope"},
		"another SOAP":      {200, `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>`, "not a SOAP envelope"},
		"no fault":          {500, `<Envelope xmlns="` + soapSpace + `"><Body/></Envelope>`, "no fault in it"},
		"no shell":          {200, `<Envelope xmlns="` + soapSpace + `"><Body/></Envelope>`, "returned no id"},
		"too much":          {200, `<Envelope xmlns="` + soapSpace + `"><Body>` + strings.Repeat("x", 3<<20), "the answer is larger than 1048576 bytes"},
		"a large page":      {404, strings.Repeat("é", 5000), "HTTP 404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serverAnswering(t, "Create", func(w http.ResponseWriter, _ *http.Request, _ winrmtest.Message) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.text)
			})
			err := dial(t, server).Check(testContext(t))
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 1000 {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

func TestOutputThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ body, want string }{
		"not base64":   {`<rsp:ReceiveResponse><rsp:Stream Name="stderr">???</rsp:Stream></rsp:ReceiveResponse>`, "a piece of stderr is not base64"},
		"no code":      {`<rsp:ReceiveResponse><rsp:CommandState State="` + shellSpace + `/CommandState/Done"/></rsp:ReceiveResponse>`, "returned no exit code"},
		"another body": {`<rsp:SignalResponse/>`, "answer to a request for output contains no output"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serverAnswering(t, "Receive", func(w http.ResponseWriter, _ *http.Request, m winrmtest.Message) {
				m.Reply(w, http.StatusOK, c.body)
			})
			if _, _, _, err := script(testContext(t), dial(t, server), "x"); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if server.Shells() != 0 {
				t.Error("a shell is left")
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ action, subcode, code, want string }{
		{"Create", "AccessDenied", "5", "AccessDenied 5: Access is <denied>. (the account must be an administrator"},
		{"Create", "QuotaLimit", "2150859173", "or raise MaxShellsPerUser"},
		{"Command", "InvalidSelectors", "2150858843", "the shell is gone"},
		{"Receive", "InternalError", "995", "InternalError 995: Access is <denied>."},
	} {
		t.Run(c.subcode, func(t *testing.T) {
			t.Parallel()
			server := serverAnswering(t, c.action, func(w http.ResponseWriter, _ *http.Request, m winrmtest.Message) {
				m.Fault(w, c.subcode, c.code, "Access is <denied>.")
			})
			_, _, _, err := script(testContext(t), dial(t, server), "x")
			var fault *Fault
			if !errors.As(err, &fault) || fault.Subcode != c.subcode || fault.Code != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// If a program ends before it has read its input, the server rejects the rest
// of the input. The client must return the exit code of the program instead of
// the server's error.
func TestProgramThatDoesNotReadItsInput(t *testing.T) {
	t.Parallel()
	server := winrmtest.Start(t)
	client := dial(t, server)
	var stdout, stderr bytes.Buffer
	big := strings.NewReader(strings.Repeat("x", 3*pieceSize))
	server.MakeFolder(`C:\folder`)
	code, err := client.execute(testContext(t), command{line: encodedCommand(fmt.Sprintf(uploader, `'C:\folder'`, `'C:\part'`)), stdin: big, stdout: &stdout, stderr: &stderr})
	if err != nil || code != 1 || !strings.Contains(stdout.String(), "the destination is a directory") {
		t.Errorf("code %d, %q, error %v", code, stdout.String(), err)
	}
}

func FuzzDecodeReply(f *testing.F) {
	for _, text := range []string{
		"", "<", `<Envelope xmlns="` + soapSpace + `"><Body/></Envelope>`,
		`<s:Envelope xmlns:s="` + soapSpace + `" xmlns:r="` + shellSpace + `"><s:Body><r:Shell><r:ShellId>1</r:ShellId></r:Shell></s:Body></s:Envelope>`,
		`<s:Envelope xmlns:s="` + soapSpace + `" xmlns:x="` + transferSpace + `"><s:Body><x:ResourceCreated><ReferenceParameters><SelectorSet><Selector Name="ShellId">1</Selector></SelectorSet></ReferenceParameters></x:ResourceCreated></s:Body></s:Envelope>`,
		`<s:Envelope xmlns:s="` + soapSpace + `" xmlns:r="` + shellSpace + `"><s:Body><r:ReceiveResponse><r:Stream Name="stdout">eA==</r:Stream><r:CommandState State="/CommandState/Done"><r:ExitCode>4294967295</r:ExitCode></r:CommandState></r:ReceiveResponse></s:Body></s:Envelope>`,
		`<s:Envelope xmlns:s="` + soapSpace + `"><s:Body><s:Fault><s:Code><s:Subcode><s:Value>w:TimedOut</s:Value></s:Subcode></s:Code></s:Fault></s:Body></s:Envelope>`,
	} {
		f.Add(200, []byte(text))
		f.Add(500, []byte(text))
	}
	f.Fuzz(func(t *testing.T, status int, text []byte) {
		answer, err := decode(status, text)
		if err != nil {
			if len(err.Error()) > 2000+len(text) {
				t.Errorf("the error has %d bytes, although the answer has only %d", len(err.Error()), len(text))
			}
			return
		}
		if status != http.StatusOK {
			t.Errorf("an answer with HTTP %d counted as a success", status)
		}
		answer.shellID()
		if answer.Received == nil {
			return
		}
		for _, piece := range answer.Received.Streams {
			if content, err := piece.content(); err == nil && len(content) > len(text) {
				t.Error("the output is longer than the answer")
			}
		}
		if answer.Received.done() {
			_, _ = answer.Received.exitCode()
		}
	})
}
