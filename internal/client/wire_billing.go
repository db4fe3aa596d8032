// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "time"

type wireBilling struct {
	StartDate *timestamp `json:"startDate"`
	EndDate   *timestamp `json:"endDate"`

	MemoryAllotment     *decimal `json:"memoryAllotment"`
	MemoryInUse         *decimal `json:"memoryInUse"`
	MemoryAccrued       *decimal `json:"memoryAccrued"`
	MemoryOverage       *decimal `json:"memoryOverage"`
	MemoryOverageCharge *decimal `json:"memoryOverageCharge"`

	TransferAllotment     *decimal `json:"transferAllotment"`
	TransferAccrued       *decimal `json:"transferAccrued"`
	TransferOverage       *decimal `json:"transferOverage"`
	TransferOverageCharge *decimal `json:"transferOverageCharge"`
	TransferTotal         *decimal `json:"transferTotal"`

	GBHours    *decimal `json:"gbHours"`
	RAMOverage *decimal `json:"ramOverage"`
	RAMTotal   *decimal `json:"ramTotal"`
	GBTransfer *decimal `json:"gbTransfer"`

	MemoryProjectedUsage           *decimal `json:"memoryProjectedUsage"`
	MemoryProjectedOverageCharge   *decimal `json:"memoryProjectedOverageCharge"`
	MemoryProjectedTotalCharge     *decimal `json:"memoryProjectedTotalCharge"`
	TransferProjectedUsage         *decimal `json:"transferProjectedUsage"`
	TransferProjectedOverageCharge *decimal `json:"transferProjectedOverageCharge"`
	TransferProjectedTotalCharge   *decimal `json:"transferProjectedTotalCharge"`
}

func (w wireBilling) summary() (BillingSummary, error) {
	return BillingSummary{
		StartDate: timePointer(w.StartDate), EndDate: timePointer(w.EndDate),
		MemoryAllotment: (*float64)(w.MemoryAllotment), MemoryInUse: (*float64)(w.MemoryInUse),
		MemoryAccrued: (*float64)(w.MemoryAccrued), MemoryOverage: (*float64)(w.MemoryOverage),
		MemoryOverageCharge: (*float64)(w.MemoryOverageCharge),
		TransferAllotment:   (*float64)(w.TransferAllotment), TransferAccrued: (*float64)(w.TransferAccrued),
		TransferOverage: (*float64)(w.TransferOverage), TransferOverageCharge: (*float64)(w.TransferOverageCharge),
		TransferTotal: (*float64)(w.TransferTotal),
		GBHours:       (*float64)(w.GBHours), RAMOverage: (*float64)(w.RAMOverage), RAMTotal: (*float64)(w.RAMTotal),
		GBTransfer:                     (*float64)(w.GBTransfer),
		MemoryProjectedUsage:           (*float64)(w.MemoryProjectedUsage),
		MemoryProjectedOverageCharge:   (*float64)(w.MemoryProjectedOverageCharge),
		MemoryProjectedTotalCharge:     (*float64)(w.MemoryProjectedTotalCharge),
		TransferProjectedUsage:         (*float64)(w.TransferProjectedUsage),
		TransferProjectedOverageCharge: (*float64)(w.TransferProjectedOverageCharge),
		TransferProjectedTotalCharge:   (*float64)(w.TransferProjectedTotalCharge),
	}, nil
}

// timePointer returns nil for a date that is null or missing.
func timePointer(value *timestamp) *time.Time {
	if value == nil || value.IsZero() {
		return nil
	}
	return &value.Time
}
