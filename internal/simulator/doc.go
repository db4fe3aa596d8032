// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package simulator is a GoGrid grid in one process: it answers the GoGrid HTTP API as the historic service did, so that
// clients, the provider and their tests run with no account and no network.
//
// [New] makes a [Grid], which is an http.Handler serving the API below /api and, if asked to, an admin API below /admin.
//
// What the grid shows is a function of what was stored and of the grid's clock. Every change is stored with the times of its
// phases, drawn once from seeded randomness; no goroutine moves objects. Whoever asks first after a change fell due folds it in,
// in the order of the due times, so that two runs over the same stored state agree. With a state file everything that was ever
// answered survives the death of the process at any moment.
//
// The wire facts come from recorded answers of the service, from GoGrid's wiki and from what public clients sent and expected.
// The package shares no code with the client on purpose: a wrong name in one must not hide in the other.
package simulator
