// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package prose finds phrases that this repository bans from its texts, and
// Markdown lines that are too long.
//
// The package reads Go comments and string literals, Markdown, page templates,
// scripts, makefiles, YAML and HCL. It joins the lines of a paragraph before
// the search, so it also finds phrases that are split over two lines. The file
// banned.txt lists the banned phrases; allowed.txt lists the exceptions, each
// with its reason.
//
// The package does not read generated or recorded files. Pages below docs/ are
// searched for phrases, but their line lengths are not checked: tfplugindocs
// generates them, and the templates that it renders are checked instead.
package prose
