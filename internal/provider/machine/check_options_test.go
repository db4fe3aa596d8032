// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"slices"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

func TestMegabytes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"512MB": 512, "1GB": 1024, "24gb": 24 * 1024, "0.5GB": -1, "": -1, "GB": -1, "huge": -1} {
		got, ok := megabytes(name)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d MB, want %d", name, got, want)
		}
	}
}

func TestImagesLike(t *testing.T) {
	t.Parallel()
	images := []client.Image{
		{ID: 1, Name: "centos5.8_64_base", FriendlyName: "CentOS 5.8"},
		{ID: 2, Name: "centos6.2_32_base", FriendlyName: "CentOS 6.2"},
		{ID: 3, Name: "centos6.2_64_base", FriendlyName: "CentOS 6.2"},
		{ID: 4, Name: "win2k8r2_64_base", FriendlyName: "Windows"},
		{ID: 5, Name: "GSI-1", FriendlyName: "golden"},
	}
	for reference, want := range map[string][]string{
		"centos6.2_64":      {"centos6.2_64_base", "centos6.2_32_base"},
		"centos6.9":         {"centos6.2_32_base", "centos6.2_64_base"},
		"centos6.3_64_base": {"centos6.2_64_base", "centos5.8_64_base", "centos6.2_32_base"},
		"CENTOS6.2-64-BASE": {"centos6.2_64_base", "centos5.8_64_base", "centos6.2_32_base"},
		"Golden":            {"5 (golden)"},
		"solaris":           nil,
		"99999":             nil,
		"":                  nil,
	} {
		if got := imagesLike(images, reference); !slices.Equal(got, want) {
			t.Errorf("like %q are %q, want %q", reference, got, want)
		}
	}
}
