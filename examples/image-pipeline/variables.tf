variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "image-pipeline"
}

variable "datacenter" {
  description = "Datacenter of all objects."
  type        = string
  default     = "US-West-1"
}

variable "base_image" {
  description = "Name of the base image that the sandbox starts from."
  type        = string
  default     = "centos6.2_64_base"
}

variable "release" {
  description = "Release of the site. A new release builds a new image and moves all servers to it."
  type        = string
  default     = "r1"
}

variable "servers" {
  description = "Number of servers."
  type        = number
  default     = 3

  validation {
    condition     = var.servers >= 0 && var.servers <= 99 && floor(var.servers) == var.servers
    error_message = "servers must be a whole number from 0 to 99."
  }
}

variable "ram" {
  description = "RAM of each server."
  type        = string
  default     = "1GB"
}

variable "ssh_port" {
  description = "SSH port of the servers. Simulated servers use 2222."
  type        = number
  default     = 22
}

variable "prep_command" {
  description = "Command that ends the preparation. The default is the command of the simulated grid; the name of GoGrid's own prep script is not documented."
  type        = string
  default     = "gogrid-prep"
}
