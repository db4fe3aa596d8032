// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"context"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/deploy"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
)

// NewDeployer returns a deployer that uses the Cloud Storage and the grid of a
// session. It returns an error if Cloud Storage cannot be opened.
func NewDeployer(ctx context.Context, s *session.Session) (*deploy.Deployer, error) {
	store, err := s.OpenStorage(ctx)
	if err != nil {
		return nil, err
	}
	return &deploy.Deployer{
		Share: store, Owner: s.Deployment, Clock: s.Clock, Interval: min(s.Poll, machine.ReadyPause), Gates: &s.Rollouts.Gates,
		IsOn: func(ctx context.Context, name, address string) (bool, error) {
			server, err := s.Client.Snapshot.ServerAt(ctx, address)
			return server != nil && server.Name == name && !server.State.Matches(client.StateOff), err
		},
		LastRestart: func(ctx context.Context, name, address string) (string, error) {
			job, err := machine.LastRestart(ctx, s, client.Server{Name: name, IP: client.IP{Address: address}})
			return machine.JobID(job), err
		},
	}, nil
}

// ReportOf reads the pin and the status of a server from Cloud Storage. It is
// meant for a refresh and returns the errors of [WithDeployer].
func ReportOf(ctx context.Context, s *session.Session, server string) (found deploy.Report, err error) {
	err = WithDeployer(ctx, s, func(d *deploy.Deployer) (err error) {
		found, err = d.Report(ctx, server)
		return err
	})
	return found, err
}

// WithDeployer calls do with a deployer. It is meant for optional work on many
// servers, such as a refresh. For a while after an outage of Cloud Storage, it
// returns the error at once, so that not every server has to wait for a
// timeout.
func WithDeployer(ctx context.Context, s *session.Session, do func(*deploy.Deployer) error) error {
	return s.Rollouts.Outages.Use(ctx, s.Clock, func() error {
		d, err := NewDeployer(ctx, s)
		if err != nil {
			return session.Unusable(err)
		}
		return do(d)
	})
}

// SpecOf returns the desired state that a deploy block describes, with the time
// limit of the health check converted to real time.
func SpecOf(s *session.Session, m Model) deploy.Spec {
	spec := m.Spec()
	spec.Health.Timeout = s.Guests.Limit(spec.Health.Timeout)
	return spec
}
