// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "runtime/debug"

// noVersion is the version of a build without version information.
const noVersion = "dev"

// version is set by the linker when a release is built.
var version = noVersion

// programVersion returns the version that the linker set, else the module's
// version.
func programVersion() string {
	if version != noVersion {
		return version
	}
	info, found := debug.ReadBuildInfo()
	if !found {
		return noVersion
	}
	return moduleVersion(info.Main.Version)
}

// moduleVersion returns the version in a module's build information, or
// noVersion.
func moduleVersion(recorded string) string {
	if recorded == "" || recorded == "(devel)" {
		return noVersion
	}
	return recorded
}
