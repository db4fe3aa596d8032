// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"
)

func TestIsDestroyOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		env  map[string]string
		want bool
	}{
		{args: "terraform destroy", want: true},
		{args: "terraform destroy -auto-approve -var n=30", want: true},
		{args: "/usr/bin/terraform -chdir=grid destroy", want: true},
		{args: "tofu apply -destroy", want: true},
		{args: "terraform apply --destroy -auto-approve", want: true},
		{args: "terraform plan -destroy=true -out=p", want: true},
		{args: "terraform plan -destroy=false"},
		{args: "terraform apply"},
		{args: "terraform plan -var command=destroy"},
		{args: "terraform apply destroy"},
		{args: "terraform plan", env: map[string]string{"TF_CLI_ARGS_plan": "-input=false -destroy"}, want: true},
		{args: "terraform apply", env: map[string]string{"TF_CLI_ARGS": "-destroy"}, want: true},
		{args: "terraform apply", env: map[string]string{"TF_CLI_ARGS_plan": "-destroy"}},
		{args: "destroy"},
		{args: ""},
	} {
		if got := isDestroyOnly(strings.Fields(test.args), func(name string) string { return test.env[name] }); got != test.want {
			t.Errorf("%q with %v: %t, want %t", test.args, test.env, got, test.want)
		}
	}
}
