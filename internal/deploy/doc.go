// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package deploy has servers load a release by restarting them, a few at a
// time, each proven to run it before the next. It knows Cloud Storage and the
// files that servers read and write there, but neither Terraform nor the API.
//
// How far a deploy has come is never kept in the process. A server's pin, the
// file that it reads when it boots, says which release it is to run and whether
// its turn is under way; its status file says what became of that; and the
// grid's list of jobs says whether it was restarted. So whoever is killed in
// the middle goes on where it was.
package deploy
