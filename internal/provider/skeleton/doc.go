// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package skeleton is the smallest package that holds a resource. Copy the
// package to begin a new resource: CONTRIBUTING.md lists the steps. The
// resource is compiled and tested, but the provider does not offer it.
//
// The skeleton manages a load balancer, because a load balancer needs all parts
// of a resource: a creation that takes time, a proof of absence, an update in
// place and an import. The skeleton omits three subjects that design/ explains:
// checks at plan time, interrupted creates, and adoption by tag.
package skeleton
