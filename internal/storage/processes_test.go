// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// tree is a process and all that it has started, itself first.
func tree(pid int) []int {
	all := []int{pid}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, word := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(word); err == nil {
			all = append(all, tree(child)...)
		}
	}
	return all
}

func signal(pids []int, what syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, what) // may have ended
	}
}

func freeze(pids []int, yes bool) {
	if yes {
		signal(pids, syscall.SIGSTOP)
	} else {
		signal(pids, syscall.SIGCONT)
	}
}
