// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package fault holds the rules by which a simulated grid spoils calls: the contents of a rule, its checks, the choice of the
// rule for a call, and the changes that a rule makes to an answer. It knows neither HTTP nor the objects of a grid: package
// simulator asks the [Book] for a [Strike] before each call, and sends the answer that the strike leaves.
package fault
