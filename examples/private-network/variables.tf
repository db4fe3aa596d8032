variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "private-network"
}

variable "datacenter" {
  description = "Datacenter of all objects."
  type        = string
  default     = "US-West-1"
}

variable "base_image" {
  description = "Base image of both images."
  type        = string
  default     = "centos6.2_64_base"
}

variable "servers" {
  description = "Number of web servers. The DHCP server reserves addresses for six."
  type        = number
  default     = 2

  validation {
    condition     = var.servers >= 0 && var.servers <= 6 && floor(var.servers) == var.servers
    error_message = "servers must be a whole number from 0 to 6."
  }
}

variable "prep_command" {
  description = "Command that ends the preparation of an image. The default is the command of the simulated grid; the name of GoGrid's own prep script is not documented."
  type        = string
  default     = "gogrid-prep"
}
