// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package docstest runs the configurations that the documentation prints. It
// applies each on its own simulated grid, with the commands that the page
// prints after the configuration.
//
// A configuration on a page is one of three things:
//
//   - An excerpt of an example. Its first line is the comment
//     "# From examples/FOLDER/FILE.tf", and its other lines are in that file in the
//     same order. A line "# ..." marks omitted lines.
//   - A block that only imports. It needs the id of an existing object, so the
//     tests of the examples run it with real ids.
//   - Anything else must be complete, and runs as printed. The shell blocks up to the
//     next configuration are its commands.
package docstest
