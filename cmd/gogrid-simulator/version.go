// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "runtime/debug"

// noVersion is the version of a build that knows none.
const noVersion = "dev"

// version is set by the linker when a release is built.
var version = noVersion

// programVersion returns the linker's version, else the module's.
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

// moduleVersion translates what the build information has of a module.
func moduleVersion(recorded string) string {
	if recorded == "" || recorded == "(devel)" {
		return noVersion
	}
	return recorded
}
