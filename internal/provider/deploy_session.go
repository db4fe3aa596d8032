// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
)

// deployer deploys on this session's Cloud Storage.
func (s *session) deployer(ctx context.Context) (*deploy.Deployer, error) {
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
			job, err := s.lastRestart(ctx, client.Server{Name: name, IP: client.IP{Address: address}})
			return jobID(job), err
		},
	}, nil
}

// report is what Cloud Storage knows of a server, for a refresh.
func (s *session) report(ctx context.Context, server string) (found deploy.Report, err error) {
	err = s.withDeployer(ctx, func(d *deploy.Deployer) (err error) {
		found, err = d.Report(ctx, server)
		return err
	})
	return found, err
}

// withDeployer does something for one of many servers that can be left undone
// where Cloud Storage cannot be used.
func (s *session) withDeployer(ctx context.Context, do func(*deploy.Deployer) error) error {
	return s.rollouts.outages.ask(ctx, s.clock, func() error {
		d, err := s.deployer(ctx)
		if err != nil {
			return &unusableError{err}
		}
		return do(d)
	})
}

// orderOf returns the order of a deploy block, with the time limit of the
// health check converted to real time.
func (s *session) orderOf(m deployModel) deploy.Spec {
	order := m.order()
	order.Health.Timeout = s.guests.limit(order.Health.Timeout)
	return order
}
