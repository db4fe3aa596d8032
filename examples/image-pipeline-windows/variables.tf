variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "image-pipeline-windows"
}

variable "datacenter" {
  description = "Datacenter for everything."
  type        = string
  default     = "US-West-1"
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
