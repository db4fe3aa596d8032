// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package skeleton is the smallest room that holds a resource. Copy the package
// to begin a new resource: CONTRIBUTING.md lists the steps. The resource is
// built and tested, but no provider offers it.
//
// The skeleton manages a load balancer, because a load balancer needs all parts
// of a resource: a creation that takes time, a proof of absence, an update in
// place and an import. It leaves out three subjects that have pages in design/:
// checks in the plan, interrupted creates, and takeovers by tag.
package skeleton
