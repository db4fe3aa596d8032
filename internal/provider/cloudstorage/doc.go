// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package cloudstorage holds the resources and data sources of Cloud Storage:
// gogrid_storage_object, gogrid_storage_channel, gogrid_storage_objects and the
// ephemeral resource gogrid_storage_credentials. It exports their constructors.
package cloudstorage
