variable "deployment" {
  description = "Name of this deployment; no other state of the account may use it."
  type        = string
  default     = "image-pipeline-windows"
}

variable "datacenter" {
  description = "Datacenter of all objects."
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
  description = "Version of the password. Raise it to build a new image after the password has changed."
  type        = number
  default     = 1
}
