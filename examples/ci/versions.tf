terraform {
  required_version = ">= 1.11"

  required_providers {
    gogrid = {
      source = "gogrid/gogrid"
    }
  }

  # PostgreSQL stores and locks the state. PG_CONN_STR and PG_SCHEMA_NAME set the
  # location, so that neither the configuration nor a saved plan contains a password.
  backend "pg" {}
}

provider "gogrid" {
  datacenter = "US-West-1"
  deployment = "shop"
}
