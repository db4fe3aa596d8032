variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "one-click-deploy-windows"
}

variable "datacenter" {
  description = "Datacenter for everything."
  type        = string
  default     = "US-West-1"
}

variable "account" {
  description = "Id of the account, by which Cloud Storage goes on the private network. The default is that of the simulated grid."
  type        = string
  default     = "500001"
}

variable "cloud_storage_host" {
  description = "Host that Cloud Storage answers SFTP on, as seen from here. gogrid-simulator tells it."
  type        = string
}

variable "cloud_storage_port" {
  description = "Port of it."
  type        = number
  default     = 22
}

variable "cloud_storage_host_key" {
  description = "Host key that it must show."
  type        = string
}

variable "cloud_storage_gateway" {
  description = "Address on the private network that leads to Cloud Storage."
  type        = string
  default     = "10.110.0.1"
}

variable "cloud_storage_network" {
  description = "Network that Cloud Storage is in, as seen from the servers."
  type        = string
  default     = "10.100.0.0/24"
}

variable "ram" {
  description = "RAM of each server."
  type        = string
  default     = "2GB"
}

variable "servers" {
  description = "How many servers run. The image knows the addresses of eight."
  type        = number
  default     = 4

  validation {
    condition     = var.servers >= 0 && var.servers <= 8 && floor(var.servers) == var.servers
    error_message = "There can be 0 to 8 servers."
  }
}

variable "max_unavailable" {
  description = "How many servers may be away at a time while a release is deployed."
  type        = number
  default     = 1
}

variable "app" {
  description = "Folder of the app."
  type        = string
  default     = "app"
}

variable "operator_password" {
  description = "Password of the account \"operator\" in the base image, which logs in over WinRM."
  type        = string
  sensitive   = true
  ephemeral   = true
}

variable "operator_password_version" {
  description = "Raise it when the password changes: that makes a new image."
  type        = number
  default     = 1
}
