// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator is a GoGrid grid in one process. It answers the GoGrid HTTP API as the historic service did, so that
// clients, the provider and their tests run without an account and without a network.
//
// [New] creates a [Grid], which is an http.Handler that serves the API below /api and, with [Options.Admin], an admin API below
// /admin.
//
// The answers of the grid depend only on the stored records and on the grid's clock. Every change is stored with the times of
// its phases, which are drawn once from seeded randomness. No goroutine changes an object at a due time: the next use of the
// grid applies all due changes, in the order of their times. Two runs over the same stored state therefore agree. With a state
// file, every change that was answered survives a kill of the process at any moment.
//
// The facts about requests and answers come from recorded answers of the service, from GoGrid's wiki and from public clients.
// The package deliberately shares no code with the provider's client: a wrong name in one must not hide in the other.
//
// The rooms below this package import nothing of it: store keeps records in a state file, wire encodes answers, fault spoils
// calls, claim locks addresses and state files, and guestos runs the servers.
package simulator
