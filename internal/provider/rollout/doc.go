// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package rollout connects gogrid_server with package deploy: the schema and
// model of the deploy block, the deployer of a session, the diagnostics of
// rollouts, and the data source gogrid_deployment.
//
// It exports Block, Model, ModelOf, the functions that run or check a rollout,
// and the constructor of the data source.
package rollout
