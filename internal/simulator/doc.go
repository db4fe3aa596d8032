// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator simulates a GoGrid grid in one process. It answers calls of
// the GoGrid HTTP API as the historic service did. Clients, the provider and
// their tests can therefore run without an account and without a network.
//
// [New] creates a [Grid], which is an http.Handler that serves the API below /api and, with [Options.Admin], an admin API below
// /admin.
//
// The responses of the grid depend only on the stored records and on the grid's
// clock. The grid stores every change with the times of its phases, which it
// draws once from a seeded random source. No goroutine changes an object at a
// due time: the next use of the grid applies all due changes, in the order of
// their times. Two runs over the same stored state therefore give the same
// responses. With a state file, every change that the grid has confirmed
// survives a kill of the process at any moment.
//
// The facts about requests and responses come from recorded responses of the
// service, from GoGrid's wiki and from public clients. The package deliberately
// shares no code with the provider's client: if both used the same wrong name,
// tests could not detect the error.
//
// The packages below this package do not import it. Package store keeps records
// in a state file, wire encodes responses, fault injects faults into calls,
// claim locks addresses and state files, and guestos runs the servers.
package simulator
