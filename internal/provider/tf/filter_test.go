// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// hostileServer returns diagnostics that quote a hostile text.
type hostileServer struct{ protocolServer }

func hostileDiagnostics() []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{
		Summary: "Could not add server \"a\x1b]0;owned\a\u202Egnp\nError: b\"",
		Detail:  "GoGrid answered: \x1b[31mno\x1b[0m\u200B.\n\nNext step.",
	}}
}

func (hostileServer) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{Diagnostics: hostileDiagnostics()}, nil
}

func (hostileServer) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return nil, context.Canceled
}

func TestDiagnosticsAreFiltered(t *testing.T) {
	t.Parallel()
	server := FilterDiagnostics(hostileServer{})
	response, err := server.ReadResource(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := response.Diagnostics[0].Summary, `Could not add server "agnp Error: b"`; got != want {
		t.Errorf("the summary is %q, want %q", got, want)
	}
	if got, want := response.Diagnostics[0].Detail, "GoGrid answered: no.\n\nNext step."; got != want {
		t.Errorf("the detail is %q, want %q", got, want)
	}
	if response, err := server.ApplyResourceChange(t.Context(), nil); response != nil || err == nil {
		t.Errorf("a failed call returns %v, %v", response, err)
	}
}

// Every method whose response has diagnostics must filter them, except the methods of
// protocol parts that the provider does not have.
func TestAllDiagnosticsAreFiltered(t *testing.T) {
	t.Parallel()
	unused := []string{
		"ValidateActionConfig", "PlanAction", "ValidateListResourceConfig", "ValidateStateStoreConfig", "ConfigureStateStore",
		"GetStates", "DeleteState", "LockState", "UnlockState", "WriteStateBytes",
		// These methods return texts of the provider's own schema.
		"GetMetadata", "GetProviderSchema", "GetResourceIdentitySchemas", "GetFunctions", "GenerateResourceConfig",
	}
	kind := reflect.TypeFor[filterServer]()
	filtering := 0
	for i := range kind.NumMethod() {
		method := kind.Method(i)
		response := method.Type.Out(0)
		if response.Kind() != reflect.Pointer {
			continue
		}
		if _, reports := response.Elem().FieldByName("Diagnostics"); !reports || slices.Contains(unused, method.Name) {
			continue
		}
		file, _ := runtime.FuncForPC(method.Func.Pointer()).FileLine(method.Func.Pointer())
		if !strings.HasSuffix(file, "filter.go") {
			t.Errorf("%s does not filter its diagnostics", method.Name)
		}
		filtering++
	}
	if filtering < 15 {
		t.Errorf("only %d methods report diagnostics", filtering)
	}
}
