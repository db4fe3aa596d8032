// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"crypto/x509"
	"errors"

	"golang.org/x/crypto/ssh"
)

// CheckPrivateKey checks that a private key can be parsed with a passphrase,
// which may be empty. It returns ErrNoKey, ErrPassphraseMissing or
// ErrPassphraseWrong.
func CheckPrivateKey(text, passphrase string) error {
	_, err := signer(text, passphrase)
	return err
}

func signer(text, passphrase string) (ssh.Signer, error) {
	key, err := ssh.ParsePrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return key, nil
	case !errors.As(err, &missing):
		return nil, ErrNoKey
	case passphrase == "":
		return nil, ErrPassphraseMissing
	}
	key, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(passphrase))
	switch {
	case err == nil:
		return key, nil
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, ErrPassphraseWrong
	default:
		return nil, ErrNoKey
	}
}
