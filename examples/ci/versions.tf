terraform {
  required_version = ">= 1.11"

  required_providers {
    gogrid = {
      source = "gogrid/gogrid"
    }
  }

  # The state lives in PostgreSQL, which also locks it. PG_CONN_STR and
  # PG_SCHEMA_NAME say where, so that no password is in the configuration or in
  # a saved plan.
  backend "pg" {}
}

provider "gogrid" {
  datacenter = "US-West-1"
  deployment = "shop"
}
