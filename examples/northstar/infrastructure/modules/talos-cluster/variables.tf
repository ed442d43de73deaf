variable "cluster_name" {
  description = "Name of the cluster"
  type        = string
}

variable "endpoint" {
  description = "Address that the control planes share"
  type        = string
}

variable "talos_version" {
  description = "Talos, with a v; keeps the generated configuration in its form"
  type        = string
}

variable "installer" {
  description = "Image that installs Talos with our extensions, without its tag"
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes, without a v"
  type        = string
}

variable "nodes" {
  description = "Nodes by name; patch is the machine configuration without secrets"
  type = map(object({
    role    = string
    address = string
    patch   = string
  }))
}
