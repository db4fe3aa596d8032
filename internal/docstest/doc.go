// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package docstest runs what the documentation prints. A page's Terraform
// configurations are applied on a simulated grid of their own, by the commands
// that the page prints after them.
//
// A configuration on a page is one of three things:
//
//   - An excerpt of an example. Its first line is the comment
//     "# From examples/FOLDER/FILE.tf", and its other lines stand in that file in
//     the same order. A line "# ..." marks lines that are left out.
//   - A block that only imports. Its id is that of an account's object, so the
//     tests of the examples try it with real ids.
//   - Anything else is complete, and runs as printed. The shell blocks up to the
//     next configuration are its commands.
package docstest
