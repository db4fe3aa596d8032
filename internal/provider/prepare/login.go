// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// login returns the login that a connection block describes. An account or port
// that the block does not set stays empty.
func (m ConnectionModel) login(bastion bastionModel) Login {
	login := Login{Target: m.target(), Timeout: tf.DurationOr(m.Timeout, DefaultLoginTimeout)}
	login.Target.Protocol = DefaultProtocol
	if m.Type.ValueString() == string(communicator.WinRM) {
		login.Target.Protocol = communicator.WinRM
	}
	login.Target.CACertificates = m.CACertificate.ValueString()
	login.Target.Insecure = m.Insecure.ValueBool()
	if tf.IsSet(m.Bastion) {
		bastionTarget := bastion.target()
		bastionTarget.Protocol = communicator.SSH
		bastionTarget.Host = bastion.Host.ValueString()
		login.Target.Bastion = &bastionTarget
	}
	return login
}

// target returns the target that a connection or bastion block describes, without
// protocol and host.
func (m loginModel) target() communicator.Target {
	return communicator.Target{
		Port:       int(m.Port.ValueInt64()),
		Username:   m.Username.ValueString(),
		Password:   m.Password.ValueString(),
		PrivateKey: m.PrivateKey.ValueString(),
		Passphrase: m.Passphrase.ValueString(),
		HostKey:    m.HostKey.ValueString(),
	}
}

// trim removes the newlines at the end of passwords, with a warning for each. at is
// the path of the block.
func (m *loginModel) trim(at path.Path) diag.Diagnostics {
	diags := tf.TrimPassword(at.AtName("password_wo"), &m.Password)
	diags.Append(tf.TrimPassword(at.AtName("private_key_passphrase_wo"), &m.Passphrase)...)
	return diags
}

// account returns the account that prepares the sandbox and owns the uploaded files.
func (l Login) account() string {
	return l.Target.WithDefaults().Username
}

// checkSecrets returns errors for private keys that cannot be used. It must be
// called during a plan or an apply, because write-only values exist only in the
// configuration of these operations.
func checkSecrets(at path.Path, connection ConnectionModel, bastion bastionModel) diag.Diagnostics {
	diags := connection.checkPrivateKey(at)
	diags.Append(bastion.checkPrivateKey(at.AtName("bastion"))...)
	return diags
}

// checkPrivateKey returns an error if the private key cannot be read or its
// passphrase is missing or wrong. at is the path of the block. An unknown
// passphrase is not an error.
func (m loginModel) checkPrivateKey(at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if !tf.IsSet(m.PrivateKey) {
		return diags
	}
	err := communicator.CheckPrivateKey(m.PrivateKey.ValueString(), m.Passphrase.ValueString())
	passphrase := errors.Is(err, communicator.ErrPassphraseMissing) || errors.Is(err, communicator.ErrPassphraseWrong)
	switch {
	case err == nil, passphrase && m.Passphrase.IsUnknown():
	case passphrase:
		diags.AddAttributeError(at.AtName("private_key_passphrase_wo"), "The private key cannot be opened", tf.Sentence(err.Error()))
	default:
		diags.AddAttributeError(at.AtName("private_key_wo"), "This is no private key", tf.Sentence(err.Error()))
	}
	return diags
}

// DefaultProtocol is used if a connection block does not set a protocol.
const DefaultProtocol = communicator.SSH

// DefaultLoginTimeout bounds the wait for a login after GoGrid shows a server
// as on. Users reported waits of 2 to 5 minutes.
const DefaultLoginTimeout = 20 * time.Minute
