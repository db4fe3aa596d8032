// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package deploy rolls a release out to the servers of a group. It restarts a
// few servers at a time, and waits until those servers run the release and are
// healthy before it restarts more. It uses the files that servers read and
// write on Cloud Storage, and depends neither on Terraform nor on the API.
//
// The progress of a rollout is recorded outside the process. A server's pin,
// the file that the server reads at boot, names the release and says whether a
// step is open. The server's status file holds the result of the last boot. The
// grid's jobs show whether the server was restarted. So the next apply can
// resume a step whose apply was killed.
package deploy
