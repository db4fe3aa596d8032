// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package client is a Go client of GoGrid's HTTP API (version 1.9). It does not
// depend on Terraform.
//
// A [Client] has one typed service for each kind of object. Its [Watch] and its
// [Snapshot] keep the number of calls low on a large grid. All waits for
// changes share one list per poll through the [Watch], and all readers share
// one list per refresh through the [Snapshot].
//
// Facts about the service come from recorded answers, from GoGrid's wiki, or
// from the behavior of other clients. A comment about a surprising fact names
// the source.
//
// Some methods have no caller outside tests yet. Later resources, data sources and
// actions will call them:
//
//   - load balancers: [LoadBalancerService.List], [LoadBalancerService.Get],
//     [LoadBalancerService.Add], [LoadBalancerService.Edit],
//     [LoadBalancerService.Delete] and [LoadBalancer.Pending]
//   - servers: [ServerService.List] and [ServerService.Get]
//   - images: [ImageService.List] and [ImageService.Restore]
//   - addresses, jobs and lookups: [IPService.List], [JobService.Get] and
//     [LookupService.List]
//   - the account: [PasswordService.Get] and [BillingService.Get]
//
// Only tests use the settings [WithTransport], [WithRandom] and
// [WithSnapshotWindow].
package client
