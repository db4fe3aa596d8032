// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package release holds the data sources that render what servers load at
// start-up: the bootstrap archive, the startup script and the configuration of
// the DHCP server. In addition to constructors, it exports the model and the schema
// of an archive, which gogrid_storage_object has as an attribute.
package release
