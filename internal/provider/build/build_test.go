// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// TestBuild checks that one apply builds an image and leaves nothing else on
// the grid.
func TestBuild(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	image := grid.Manage(t, providertest.ImageType, acctest.Attributes{"deployment": "shop"})
	config := providertest.WithVerification(providertest.ImageOnGuests(grid, nil), "grep hello /srv/motd")
	image.Apply(config).WantNone(t)
	providertest.WantLeft(t, grid, 0, 1)
	if key, _ := image.Get("host_key").(string); !strings.HasPrefix(key, "ssh-") {
		t.Errorf("the host key is %q, want a public SSH key", key)
	}
	if image.Get("state") != "Available" || image.HasPrivate("pending") || image.HasPrivate("sandbox") {
		t.Errorf("the image is %v; pending: %t, sandbox: %t", image.Get("state"), image.HasPrivate("pending"), image.HasPrivate("sandbox"))
	}
	for method, want := range map[string]int{"grid.server.add": 2, "grid.image.save": 1, "grid.server.delete": 2} {
		grid.WantCalls(t, method, want)
	}
	providertest.WantNoOp(t, grid, image.Object, config)
	image.Destroy().WantNone(t)
	providertest.WantLeft(t, grid, 0, 0)
}

// TestBuildWithoutPreparation checks that a sandbox without a prepare block is
// saved without a login.
func TestBuildWithoutPreparation(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	image := grid.Manage(t, providertest.ImageType)
	image.Apply(providertest.BuiltImage()).WantNone(t)
	providertest.WantLeft(t, grid, 0, 1)
	grid.WantCalls(t, "support.password.list", 0)
	grid.WantCalls(t, "grid.server.edit", 0)
}

// TestPreparedSandboxStays checks that a build does not delete the sandbox that
// sandbox_id names.
func TestPreparedSandboxStays(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
	config := providertest.ImageOnGuests(grid, nil).With(acctest.Attributes{"build": nil, "sandbox_id": grid.ServerID(t, "golden")})
	image := grid.Manage(t, providertest.ImageType)
	image.Apply(config).WantNone(t)
	providertest.WantLeft(t, grid, 1, 1)

	grid.Outside(t, "grid.server.power", "server", "golden", "power", "off")
	grid.Advance(time.Hour)
	again := config.With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"a": "1"}, "friendly_name": "second"})
	grid.Manage(t, providertest.ImageType).Apply(again).WantError(t, "prepare", "Cannot prepare sandbox", "state is Off", "Switch it on")
	providertest.WantLeft(t, grid, 1, 1)
}

// TestBuildFailsCleanly makes a build fail in each phase. Each error must name
// the attribute, the cause and the outcome, and nothing may be left on the
// grid.
func TestBuildFailsCleanly(t *testing.T) {
	t.Parallel()
	const secret = "canary-pass-word"
	withDeletion := func(patterns ...string) []string { return append(patterns, "was deleted", "nothing is billed") }
	for name, tc := range map[string]struct {
		prepare   acctest.Attributes
		changes   acctest.Attributes
		attribute string
		patterns  []string
	}{
		"a command fails": {
			acctest.Attributes{"commands": []any{"true", "echo working; echo trouble >&2; exit 3"}},
			nil, "prepare.commands[1]",
			withDeletion(`prepare sandbox "build-`, `commands\[1\]`, "exit 3", "ended with code 3", "working", "trouble"),
		},
		"a command is not there":     {acctest.Attributes{"commands": []any{"no-such-command"}}, nil, "prepare.commands[0]", withDeletion("ended with code 127", "no-such-command")},
		"a script fails":             {acctest.Attributes{"scripts": []any{"SCRIPT"}}, nil, "prepare.scripts[0]", withDeletion("script .*setup.sh", "ended with code 4", "in the script")},
		"the prep command fails":     {acctest.Attributes{"prep_command": "gogrid-prep --no-such-flag"}, nil, "prepare.prep_command", withDeletion("prep_command")},
		"a file cannot be uploaded":  {providertest.FilesBlock(acctest.Attributes{"content": "x", "destination": "/etc"}), nil, "prepare.files[0]", withDeletion("upload of /etc")},
		"the environment is shown":   {acctest.Attributes{"environment": acctest.Attributes{"STAGE": "image"}, "commands": []any{`echo "stage=$STAGE"; false`}}, nil, "prepare.commands[0]", withDeletion("stage=image")},
		"the password is wrong":      {acctest.Attributes{"connection": acctest.Attributes{"password_wo": secret, "password_wo_version": 1, "timeout": "10s"}}, nil, "prepare.connection", withDeletion("log in to", "rejected the login with the password")},
		"no server answers":          {acctest.Attributes{"connection": acctest.Attributes{"port": 1, "timeout": "2s"}}, nil, "prepare.connection", withDeletion("log in to", "did not succeed within")},
		"another host key is wanted": {acctest.Attributes{"connection": acctest.Attributes{"host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}}, nil, "prepare.connection", withDeletion("shows the host key SHA256:", "must be SHA256:47DEQ")},
		"it does not pass": {
			nil,
			acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"true", "cat /srv/motd; grep nothing /srv/motd"}}},
			"-",
			[]string{"does not pass verify", `verify.commands\[1\]`, "ended with code 1", "hello", "moved to the trash", "none of its servers is billed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			if _, ok := tc.prepare["scripts"]; ok {
				tc.prepare["scripts"] = []any{providertest.WriteFile(t, "setup.sh", "echo in the script\nexit 4\n")}
			}
			image := grid.Manage(t, providertest.ImageType, acctest.Attributes{"deployment": "shop"})
			diagnostics := image.Apply(providertest.ImageOnGuests(grid, tc.prepare).With(tc.changes))
			diagnostics.WantError(t, tc.attribute, tc.patterns...)
			if text := diagnostics.String(); strings.Contains(text, secret) {
				t.Errorf("the diagnostics show the password:\n%s", text)
			}
			if image.Exists() {
				t.Error("the state has an image, although the failed build left no object")
			}
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}

// TestBuildTakesTooLong lets the time limit expire while a command runs.
func TestBuildTakesTooLong(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	expire := grid.LimitsByHand()
	go func() {
		awaitDisk(t, grid, 1_000_000)
		expire()
	}()
	image := grid.Manage(t, providertest.ImageType)
	image.Apply(providertest.ImageOnGuests(grid, acctest.Attributes{"commands": []any{"head -c 1000000 /dev/zero > /srv/begun; sleep 100000000"}})).
		WantError(t, "prepare.commands[0]", "was ended", "deadline", "was deleted", "nothing is billed")
	if image.Exists() {
		t.Error("the state has an image, although the failed build left no object")
	}
	providertest.WantLeft(t, grid, 0, 0)
}

// awaitDisk returns once a server has at least atLeast bytes on its disk, or
// once the test has ended.
func awaitDisk(t *testing.T, grid *acctest.Grid, atLeast int64) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		for _, guest := range grid.Guests() {
			if guest.DiskBytes >= atLeast {
				return
			}
		}
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			return
		}
	}
}

// TestKeptSandbox checks that keep_sandbox_on_failure keeps the sandbox and
// that the error explains how to log in. The next apply must delete the sandbox
// first.
func TestKeptSandbox(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]acctest.Attributes{"with a deployment": {"deployment": "shop"}, "without one": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			image := grid.Manage(t, providertest.ImageType, provider)
			keep := acctest.Attributes{"build": acctest.Attributes{"image": "12834", "keep_sandbox_on_failure": true}}
			failing := providertest.ImageOnGuests(grid, acctest.Attributes{"commands": []any{"false"}}).With(keep)
			image.Apply(failing).WantError(t, "prepare.commands[0]", "ended with code 1", "was kept", fmt.Sprintf("port %d as root", grid.SSHPort),
				"0.38 USD an hour", "gogrid_server_password", "tainted: the next apply, or a destroy, deletes the sandbox first")
			if !image.Exists() || !image.Tainted || image.Get("id") != nil {
				t.Errorf("image in the state: %t, tainted: %t, id: %v; want a tainted image without an id", image.Exists(), image.Tainted, image.Get("id"))
			}
			providertest.WantLeft(t, grid, 1, 0)
			kept := grid.Server(t, providertest.BuildSandbox(grid))

			image.Apply(providertest.ImageOnGuests(grid, nil).With(keep)).WantOK(t)
			providertest.WantLeft(t, grid, 0, 1)
			if kept.ID == 0 || grid.Counters()["grid.server.add"] != 2 {
				t.Errorf("the second build used the sandbox of the first: %v", grid.Counters())
			}

			image.Apply(failing.With(acctest.Attributes{"friendly_name": "silver"})).WantError(t, "prepare.commands[0]", "was kept")
			image.Destroy().WantOK(t)
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}

// TestPasswordThatComesLate checks that a build waits for a password that
// appears late in the password list, and reports a password that never appears.
func TestPasswordThatComesLate(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t, func(o *simulator.Options) { o.Timings.Password = 10 * time.Hour })
	grid.Manage(t, providertest.ImageType).Apply(providertest.ImageOnGuests(grid, nil)).WantNone(t)
	if reads := grid.Counters()["support.password.list"]; reads < 2 {
		t.Errorf("the password list was read %d times, want at least 2", reads)
	}

	grid = acctest.NewQuickGuestGrid(t, func(o *simulator.Options) { o.Timings.Password = 10000 * time.Hour })
	impatient := providertest.ImageOnGuests(grid, acctest.Attributes{"connection": acctest.Attributes{"timeout": "20s"}})
	grid.Manage(t, providertest.ImageType).Apply(impatient).WantError(t, "prepare.connection", "no password for sandbox", "was deleted")
	providertest.WantLeft(t, grid, 0, 0)
}

// TestAccountOfThePassword checks that a build does not use the administrator's
// password from the password list to log in to another account.
func TestAccountOfThePassword(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	config := providertest.ImageOnGuests(grid, acctest.Attributes{"connection": acctest.Attributes{"username": "deploy", "timeout": "20s"}})
	grid.Manage(t, providertest.ImageType).Apply(config).WantError(t, "prepare.connection", `no password of the account "deploy" for sandbox`, "was deleted")
	providertest.WantLeft(t, grid, 0, 0)
}

// TestLoginWithAKeyThroughABastion builds an image from another image. The
// first image contains the public key for the login of the second build.
func TestLoginWithAKeyThroughABastion(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	key := providertest.PrivateKey(t, "") // a key with a passphrase takes seconds to open under the race detector
	signer, err := ssh.ParsePrivateKey([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	first := grid.Manage(t, providertest.ImageType)
	first.Apply(providertest.ImageOnGuests(grid, providertest.FilesBlock(acctest.Attributes{
		"content": string(ssh.MarshalAuthorizedKey(signer.PublicKey())), "destination": "/root/.ssh/authorized_keys", "mode": "0600",
	}).With(acctest.Attributes{"commands": nil}))).WantNone(t)

	grid.OutsideDone(t, "grid.server.add", "name", "gate", "image", "centos6.2_64_base", "server.ram", "512MB", "ip", "127.20.0.9")
	through := func(password, command, timeout string) acctest.Attributes {
		bastion := acctest.Attributes{"host": "127.20.0.9", "port": grid.SSHPort, "password_wo": password}
		login := acctest.Attributes{"private_key_wo": key, "password_wo": "canary-unused", "bastion": bastion, "timeout": timeout}
		return providertest.ImageOnGuests(grid, acctest.Attributes{"connection": login, "commands": []any{command}}).With(acctest.Attributes{
			"friendly_name": "second", "build": acctest.Attributes{"image": first.Get("id")},
		})
	}
	password := grid.Passwords(t)["gate"]
	second := grid.Manage(t, providertest.ImageType)
	second.Apply(through("canary-wrong", "true", "10s")).WantError(t, "prepare.connection", "The bastion: root@127.20.0.9:.* rejected the login", "was deleted")
	// The output of a command must not show any password of the configuration.
	diagnostics := second.Apply(through(password, "echo 'canary-unused "+password+"'; false", "20m"))
	diagnostics.WantError(t, "prepare.commands[0]", `\(secret\) \(secret\)`, "was deleted")
	for _, secret := range []string{"canary-unused", password} {
		if strings.Contains(diagnostics.String(), secret) {
			t.Errorf("the diagnostics show the secret %q:\n%s", secret, diagnostics)
		}
	}
	second.Apply(through(password, "true", "20m")).WantNone(t)
	providertest.WantLeft(t, grid, 1, 2)
}

// TestPreparedByHand checks that a manual build waits until the sandbox is
// switched off, for at most max_duration.
func TestPreparedByHand(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	image := grid.Manage(t, providertest.ImageType)
	config := providertest.PreparedImage(acctest.Attributes{"mode": "manual"})
	on, off := 0, false
	providertest.OnceTrue(grid, func() bool {
		if providertest.BuildSandboxState(grid) == "On" {
			on++
		}
		return on == 3 // the provider has read the state On by the third read
	}, func() {
		grid.Outside(t, "grid.server.power", "server", providertest.BuildSandbox(grid), "power", "off")
		off = true
	})
	image.Plan(config).Diagnostics.WantWarning(t, "prepare.mode", "waits until a person")
	image.Apply(config).WantOK(t)
	if !off {
		t.Error("the image was saved before the sandbox was switched off")
	}
	providertest.WantLeft(t, grid, 0, 1)
	grid.WantCalls(t, "support.password.list", 0)

	expire, reads := grid.LimitsByHand(), 0
	providertest.OnceTrue(grid, func() bool {
		if providertest.BuildSandboxState(grid) == "On" {
			reads++
		}
		return reads == 3
	}, expire)
	late := grid.Manage(t, providertest.ImageType)
	late.Apply(config.With(acctest.Attributes{"friendly_name": "late", "build": acctest.Attributes{"image": "12834", "max_duration": "25m"}})).
		WantError(t, "prepare.mode", "wait until sandbox", "A person has to log in", "max_duration", "was deleted")
	if limits := grid.LimitsAsked(); len(limits) != 1 || limits[0] != 25*time.Minute {
		t.Errorf("the time limits were %v, want only max_duration (25m)", limits)
	}
	providertest.WantLeft(t, grid, 0, 1)
}

// TestSourceChangedSinceThePlan checks that an apply fails before it creates
// anything if a source file has changed since the plan.
func TestSourceChangedSinceThePlan(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	source := providertest.WriteFile(t, "motd", "hello\n")
	config := providertest.ImageOnGuests(grid, providertest.FilesBlock(acctest.Attributes{"source": source, "destination": "/srv/motd"}))
	s := grid.Session(t)
	plan := s.Plan(s.Absent(providertest.ImageType), config)
	plan.Diagnostics.WantNone(t)
	if err := os.WriteFile(source, []byte("bye\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	object, diagnostics := s.Apply(t.Context(), plan)
	diagnostics.WantError(t, "prepared_digest", "has changed since the plan", "Nothing was created", "Plan again")
	if object.Exists() || grid.Changes() > 0 {
		t.Errorf("image created: %t, calls: %v", object.Exists(), grid.Counters())
	}
}

// TestSourceChangedWhileBuilding checks that a build compares the digest of a
// file again when it uploads the file.
func TestSourceChangedWhileBuilding(t *testing.T) {
	t.Parallel()
	for kind, at := range map[string]string{"files": "prepare.files[0]", "scripts": "prepare.scripts[0]"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			source := providertest.WriteFile(t, "motd", "true\n")
			prepare := providertest.FilesBlock(acctest.Attributes{"source": source, "destination": "/srv/motd"})
			if kind == "scripts" {
				prepare = acctest.Attributes{"scripts": []any{source}, "files": nil, "commands": nil}
			}
			grid.Before("support.password.list", func() { _ = os.WriteFile(source, []byte("bye\n"), 0o600) })
			grid.Manage(t, providertest.ImageType).Apply(providertest.ImageOnGuests(grid, prepare)).WantError(t, at, "motd has changed since the plan", "was deleted")
			providertest.WantLeft(t, grid, 0, 0)
		})
	}
}

// TestCancelledBuild checks that Ctrl-C before the image exists deletes the sandbox
// and leaves no state.
func TestCancelledBuild(t *testing.T) {
	t.Parallel()
	for name, method := range map[string]string{
		"before anything": "grid.image.list", "while the sandbox is created": "grid.server.add", "while it is tagged": "grid.server.edit", "while the password is read": "support.password.list",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGuestGrid(t)
			s := grid.Session(t, acctest.Attributes{"deployment": "shop"})
			plan := s.Plan(s.Absent(providertest.ImageType), providertest.ImageOnGuests(grid, nil))
			plan.Diagnostics.WantNone(t)
			applyInterrupted(t, grid, plan, "(Nothing was created|nothing is billed)", func(cancel func()) { grid.After(method, cancel) })
		})
	}
}

// applyInterrupted applies the plan of an image in a new session. arrange must cancel
// the apply. The apply must leave no object, neither in the state nor on the
// grid, and say so with the words of nothingLeft.
func applyInterrupted(t *testing.T, grid *acctest.Grid, plan *acctest.Plan, nothingLeft string, arrange func(cancel func())) {
	t.Helper()
	s := grid.Session(t, acctest.Attributes{"deployment": "shop"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	arrange(cancel)
	object, diagnostics := s.Apply(ctx, plan)
	diagnostics.WantError(t, "-", `Interrupted while building image "golden"`, nothingLeft, "Run the same command again")
	if object.Exists() {
		t.Error("the state has an image, although the interrupted build left no object")
	}
	providertest.WantLeft(t, grid, 0, 0)
}

// TestLeftBuildWithoutDeployment checks that a build without a deployment
// neither uses nor deletes an existing sandbox with its name, and creates no
// second sandbox.
func TestLeftBuildWithoutDeployment(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGuestGrid(t)
	config := providertest.ImageOnGuests(grid, nil)
	image := grid.Manage(t, providertest.ImageType)
	var name string
	grid.After("grid.server.add", func() { name = providertest.BuildSandbox(grid) })
	image.Apply(config).WantNone(t)
	image.Destroy().WantNone(t)
	grid.OutsideDone(t, "grid.server.add", "name", name, "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.7")

	image.Apply(config).WantError(t, "-", fmt.Sprintf("The grid already has sandbox %q", name), "No second one is made", "delete it in the portal", "deployment")
	providertest.WantLeft(t, grid, 1, 0)
}

// TestSameNameTwice gives an image and its replacement the same name, as with
// create_before_destroy. A server of the old image keeps running.
func TestSameNameTwice(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	provider := acctest.Attributes{"deployment": "shop"}
	first, second := grid.Manage(t, providertest.ImageType, provider), grid.Manage(t, providertest.ImageType, provider)
	first.Apply(providertest.BuiltImage()).WantNone(t)
	server := grid.Manage(t, "gogrid_server", provider)
	web := providertest.Web1().With(acctest.Attributes{"image": first.Get("id")})
	server.Apply(web).WantOK(t)
	second.Apply(providertest.BuiltImage().With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"release": "2"}})).WantNone(t)
	if first.Get("id") == second.Get("id") {
		t.Error("the second image has the id of the first")
	}
	found, diagnostics := grid.Session(t).ReadData("gogrid_images", acctest.Attributes{"friendly_name_prefix": "gold", "is_public": false})
	diagnostics.WantNone(t)
	if ids := fmt.Sprint(found["ids"]); ids != fmt.Sprintf("[%v %v]", second.Get("id"), first.Get("id")) {
		t.Errorf("the image ids are %s, want the newest first", ids)
	}
	first.Destroy().WantNone(t)
	providertest.WantLeft(t, grid, 1, 1)
	providertest.WantNoOp(t, grid, server.Object, web)
}
