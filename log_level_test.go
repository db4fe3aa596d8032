// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import "testing"

func TestLogLevels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  map[string]string
		want string // level of the framework's logger; "" if it is not set
	}{
		"no log is requested":       {env: nil, want: "OFF"},
		"terraform's level":         {env: map[string]string{"TF_LOG": "DEBUG"}, want: "DEBUG"},
		"JSON means trace":          {env: map[string]string{"TF_LOG": "json"}, want: "TRACE"},
		"the providers' level wins": {env: map[string]string{"TF_LOG": "ERROR", "TF_LOG_PROVIDER": "INFO"}, want: "INFO"},
		"the user's choice is kept": {env: map[string]string{"TF_LOG_SDK_FRAMEWORK": "WARN"}, want: ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := logLevels(func(variable string) string { return test.env[variable] })
			if got := set["TF_LOG_SDK_FRAMEWORK"]; got != test.want {
				t.Errorf("TF_LOG_SDK_FRAMEWORK = %q, want %q", got, test.want)
			}
		})
	}
}
