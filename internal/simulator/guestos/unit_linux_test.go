// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build linux

package guestos_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos"
)

// page returns the page that a server serves, or an error if no service
// responds.
func page(t *testing.T, s guestos.Server, port int) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s:%d/", s.PublicIP, port), nil)
	must(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	return string(text), err
}

// site returns a script that creates a page in /srv and the unit file of a
// service that runs the command.
func site(command string, lines ...string) string {
	return "mkdir -p /srv; echo hello > /srv/index.html; printf '[Service]\\n" + strings.Join(append(lines, "ExecStart="+command), "\\n") + "\\n' > /etc/systemd/system/site.service\n"
}

// A service responds while it is active, regardless of how its command starts
// the server in the background.
func TestUnitsAreStartedAndStopped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	port := r.port + 1
	for i, command := range []string{
		"httpd -f -p %d -h /srv", "httpd -p %d -h /srv", "/bin/sh -c \"httpd -f -p %d -h /srv \\&\"", "nohup httpd -f -p %d -h /srv",
	} {
		s := r.server(int64(1 + i))
		r.ok(s, site(fmt.Sprintf(strings.ReplaceAll(command, "\\&", "&"), port)))
		for _, step := range []struct {
			command, says string
			code          int
			serves        bool
		}{
			{"systemctl is-active site", "inactive\n", 3, false},
			{"systemctl reload site", "cannot reload", 1, false},
			{"systemctl start site", "", 0, true},
			{"systemctl start site && systemctl is-active site", "active\n", 0, true},
			{"systemctl reload site", "", 0, true},
			{"systemctl restart site", "", 0, true},
			{"systemctl stop site; service site status", "inactive\n", 3, false},
			{"service site start", "", 0, true},
		} {
			text, code := r.run(s, step.command)
			if code != step.code || !strings.Contains(text, step.says) {
				t.Errorf("%s, %s: code %d, %q", command, step.command, code, text)
			}
			if step.serves {
				r.awaitHTTP(s, port)
			} else if text, err := page(t, s, port); err == nil {
				t.Errorf("%s, %s: the service still serves %q", command, step.command, text)
			}
		}
	}
}

// awaitHTTP waits until a started service responds.
func (r *rig) awaitHTTP(s guestos.Server, port int) {
	r.t.Helper()
	r.ok(s, fmt.Sprintf("until curl http://localhost:%d/ > /dev/null 2>&1; do :; done", port))
}

func TestUnitsFail(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, site("/bin/sh -c \"exit 3\"", "Type=oneshot"))
	for _, want := range []struct { // the order matters: enable changes the output of is-enabled
		command string
		code    int
		text    string
	}{
		{"systemctl start site", 1, "Job for site.service failed"},
		{"systemctl start nothing", 5, "Unit nothing.service not found."},
		{"systemctl dance site", 1, "Unknown operation dance."},
		{"systemctl is-enabled site", 1, "disabled\n"},
		{"systemctl enable --now site", 1, "Job for site.service failed"},
		{"systemctl start sshd && systemctl stop sshd", 0, ""},
		{"systemctl daemon-reload && service sshd start", 0, ""},
	} {
		if text, code := r.run(s, want.command); code != want.code || !strings.Contains(text, want.text) {
			t.Errorf("%s: code %d, %q", want.command, code, text)
		}
	}
	r.ok(s, site("/bin/sh -c \"echo ran >> /root/ran\"", "Type=oneshot", "RemainAfterExit=yes", "Environment=A=b", "WorkingDirectory=/srv")+"systemctl restart site; systemctl start site; systemctl is-active site")
	if text := r.ok(s, "cat /root/ran"); text != "ran\n" {
		t.Errorf("a unit with RemainAfterExit was started twice: %q", text)
	}
}

// A process of a unit can stop the unit to which it belongs.
func TestUnitStopsItself(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	r.ok(s, site("/bin/sh -c \"systemctl stop site; echo no > /root/no\"")+"systemctl start site; while systemctl is-active site > /dev/null; do :; done; test ! -e /root/no")
}

// A background process of a session or of the boot script continues to run
// until the machine goes down.
func TestBackgroundOutlivesItsSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	s := r.server(1)
	port := r.port + 1
	r.ok(s, site("true")+fmt.Sprintf("nohup httpd -f -p %d -h /srv > /dev/null 2>&1 &", port))
	r.awaitHTTP(s, port)
	r.ok(s, fmt.Sprintf("printf '#!/bin/sh\\nhttpd -f -p %d -h /srv &\\n' > /etc/rc.d/rc.local; chmod 755 /etc/rc.d/rc.local", port))
	s.Up = false
	r.follow(s)
	if text, err := page(t, s, port); err == nil {
		t.Errorf("the server serves %q while it is switched off", text)
	}
	s.Up, s.Boots = true, 2
	r.follow(s)
	r.awaitHTTP(s, port)
	if text, err := page(t, s, port); text != "hello\n" {
		t.Errorf("after the boot the server serves %q (%v)", text, err)
	}
}
