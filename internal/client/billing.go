// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "time"

// BillingSummary describes the usage and charges of the account in the current
// period. Every value is optional, because the values that the service sends
// depend on its version. Memory is in GB and GB hours, transfer is in GB, and
// charges and totals are in US dollars.
type BillingSummary struct {
	StartDate *time.Time
	EndDate   *time.Time

	MemoryAllotment     *float64
	MemoryInUse         *float64
	MemoryAccrued       *float64
	MemoryOverage       *float64
	MemoryOverageCharge *float64

	TransferAllotment     *float64
	TransferAccrued       *float64
	TransferOverage       *float64
	TransferOverageCharge *float64
	TransferTotal         *float64

	GBHours    *float64
	RAMOverage *float64
	RAMTotal   *float64
	GBTransfer *float64

	MemoryProjectedUsage           *float64
	MemoryProjectedOverageCharge   *float64
	MemoryProjectedTotalCharge     *float64
	TransferProjectedUsage         *float64
	TransferProjectedOverageCharge *float64
	TransferProjectedTotalCharge   *float64
}
