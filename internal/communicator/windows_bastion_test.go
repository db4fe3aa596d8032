// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package communicator

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator/winrm/winrmtest"
	"github.com/gogrid/terraform-provider-gogrid/internal/testport"
)

func TestWindowsThroughABastion(t *testing.T) {
	t.Parallel()
	bastion := startSSHD(t).target
	server := winrmtest.Start(t, func(s *winrmtest.Server) {
		s.Run = func(_ context.Context, p winrmtest.Program) int {
			fmt.Fprintln(p.Stdout, "reached")
			return 0
		}
	})
	target := windowsTarget(server)
	target.Bastion = &bastion
	session, err := connectTo(t, target)
	check(t, err)
	if text, err := output(t, session, Command{Script: "x"}); err != nil || text != "reached\n" {
		t.Errorf("%q, error %v", text, err)
	}
	check(t, session.Close())

	other := bastion
	other.PrivateKey, other.Password, other.Port = "", "none", testport.New(t)
	target.Bastion = &other
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dial(ctx, target, Options{}); err == nil || !strings.Contains(err.Error(), "the bastion") {
		t.Errorf("error %v", err)
	}
}
