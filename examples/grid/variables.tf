variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "grid"
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
  description = "Release in the image. A new release builds a new image and moves all servers to it."
  type        = string
  default     = "r1"

  validation {
    condition     = can(regex("^[a-z0-9.-]{1,8}$", var.release))
    error_message = "release must be 1 to 8 lower-case letters, digits, dots and dashes: it is part of the sandbox's name, which GoGrid limits to 20 characters."
  }
}

variable "servers" {
  description = "Number of servers."
  type        = number
  default     = 2

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
