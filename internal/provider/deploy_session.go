// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
)

// newDeployer deploys on this session's Cloud Storage.
func newDeployer(ctx context.Context, s *session) (*deploy.Deployer, error) {
	store, err := s.openStorage(ctx)
	if err != nil {
		return nil, err
	}
	return &deploy.Deployer{
		Share: store, Owner: s.deployment, Clock: s.clock, Interval: min(s.poll, readyPause), Gates: &s.rollouts.gates,
		IsOn: func(ctx context.Context, name, address string) (bool, error) {
			server, err := s.client.Snapshot.ServerAt(ctx, address)
			return server != nil && server.Name == name && !server.State.Matches(client.StateOff), err
		},
		LastRestart: func(ctx context.Context, name, address string) (string, error) {
			job, err := lastRestart(ctx, s, client.Server{Name: name, IP: client.IP{Address: address}})
			return jobID(job), err
		},
	}, nil
}

// reportOf is what Cloud Storage knows of a server, for a refresh.
func reportOf(ctx context.Context, s *session, server string) (found deploy.Report, err error) {
	err = withDeployer(ctx, s, func(d *deploy.Deployer) (err error) {
		found, err = d.Report(ctx, server)
		return err
	})
	return found, err
}

// withDeployer does something for one of many servers that can be left undone
// where Cloud Storage cannot be used.
func withDeployer(ctx context.Context, s *session, do func(*deploy.Deployer) error) error {
	return s.rollouts.outages.ask(ctx, s.clock, func() error {
		d, err := newDeployer(ctx, s)
		if err != nil {
			return &unusableError{err}
		}
		return do(d)
	})
}

// orderOf returns the order of a deploy block, with the time limit of the
// health check converted to real time.
func orderOf(s *session, m deployModel) deploy.Spec {
	order := m.order()
	order.Health.Timeout = s.guests.limit(order.Health.Timeout)
	return order
}
