// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package wire encodes the responses of a simulated grid in JSON, XML and CSV, as the GoGrid API did. It depends neither
// on the objects of a grid nor on HTTP: package simulator builds an [Envelope] for each response.
package wire
