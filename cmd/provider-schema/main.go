// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Command provider-schema prints the provider's schemas in the format of
// `terraform providers schema -json`.
//
// The documentation is generated from this output. The command calls the provider
// directly instead of running Terraform, because older versions of Terraform leave
// out resource identities, actions and list resources.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider"
)

// documentationKey is the provider name under which tfplugindocs looks for the
// schemas. It does not find them under the full provider address.
const documentationKey = "gogrid"

func main() {
	server := providerserver.NewProtocol6(provider.New("dev", os.Getenv, clockwork.NewRealClock())())()
	if err := run(context.Background(), server, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "provider-schema:", err)
		os.Exit(1)
	}
}

// run writes the schemas of a provider server to out as JSON.
func run(ctx context.Context, server tfprotov6.ProviderServer, out io.Writer) error {
	schemas, err := export(ctx, server)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schemas); err != nil {
		return fmt.Errorf("write the schemas: %w", err)
	}
	return nil
}
