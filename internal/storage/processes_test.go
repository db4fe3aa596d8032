// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"syscall"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

func freeze(pids []int, yes bool) {
	if yes {
		storagetest.Signal(pids, syscall.SIGSTOP)
	} else {
		storagetest.Signal(pids, syscall.SIGCONT)
	}
}
