variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "image-pipeline"
}

variable "datacenter" {
  description = "Datacenter for everything."
  type        = string
  default     = "US-West-1"
}

variable "base_image" {
  description = "Name of the base image that the sandbox starts from."
  type        = string
  default     = "centos6.2_64_base"
}

variable "release" {
  description = "Release of the site. A new one makes a new image and moves all servers to it."
  type        = string
  default     = "r1"
}

variable "servers" {
  description = "How many servers run."
  type        = number
  default     = 3

  validation {
    condition     = var.servers >= 0 && var.servers <= 99 && floor(var.servers) == var.servers
    error_message = "There can be 0 to 99 servers."
  }
}

variable "ram" {
  description = "RAM of each server."
  type        = string
  default     = "1GB"
}

variable "ssh_port" {
  description = "Port that servers answer SSH on. Guests of the simulated grid use 2222."
  type        = number
  default     = 22
}

variable "prep_command" {
  description = "What ends the preparation. How GoGrid's own prep script was called is not on record; gogrid-prep is that of the simulated grid."
  type        = string
  default     = "gogrid-prep"
}
