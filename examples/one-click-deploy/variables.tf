variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "one-click-deploy"
}

variable "datacenter" {
  description = "Datacenter of all objects."
  type        = string
  default     = "US-West-1"
}

variable "account" {
  description = "Id of the account, which is part of the host name of Cloud Storage on the private network. The default is the account of the simulated grid."
  type        = string
  default     = "500001"
}

variable "cloud_storage_host" {
  description = "Host on which Cloud Storage answers SFTP, as seen from Terraform. gogrid-simulator run sets it."
  type        = string
}

variable "cloud_storage_port" {
  description = "Port of Cloud Storage on that host."
  type        = number
  default     = 22
}

variable "cloud_storage_host_key" {
  description = "Host key that Cloud Storage must present."
  type        = string
}

variable "cloud_storage_gateway" {
  description = "Gateway on the private network that leads to Cloud Storage."
  type        = string
  default     = "10.110.0.1"
}

variable "cloud_storage_network" {
  description = "Network of Cloud Storage, as seen from the servers."
  type        = string
  default     = "10.100.0.0/24"
}

variable "base_image" {
  description = "Name of the base image that the sandbox starts from."
  type        = string
  default     = "centos6.2_64_base"
}

variable "ram" {
  description = "RAM of each server."
  type        = string
  default     = "1GB"
}

variable "servers" {
  description = "Number of servers. The image contains the addresses of eight."
  type        = number
  default     = 4

  validation {
    condition     = var.servers >= 0 && var.servers <= 8 && floor(var.servers) == var.servers
    error_message = "servers must be a whole number from 0 to 8."
  }
}

variable "max_unavailable" {
  description = "Number of servers that may be unavailable at a time during a deploy."
  type        = number
  default     = 1
}

variable "app" {
  description = "Folder of the app."
  type        = string
  default     = "app"
}

variable "site_port" {
  description = "Port of the site."
  type        = number
  default     = 8080
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
