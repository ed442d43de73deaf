# All of them come from terraform.tfvars.json, which render writes from the
# configuration (templates/tfvars.yaml); nothing is set by hand.
variable "cluster_name" {
  description = "Name of the cluster"
  type        = string
}

variable "environment" {
  description = "Environment that the cluster belongs to"
  type        = string
}

variable "endpoint" {
  description = "Address that the control planes share"
  type        = string
}

variable "kubernetes_version" {
  description = "Kubernetes, without a v"
  type        = string
  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.kubernetes_version))
    error_message = "The version has three numbers and no v."
  }
}

variable "talos" {
  description = "Talos and the image factory's schematic of its extensions"
  type = object({
    version   = string
    schematic = string
  })
}

variable "proxmox" {
  description = "The Proxmox cluster"
  type = object({
    endpoint = string
    storage  = string
    bridge   = string
    vlan     = number
    uplink   = optional(string, "")
  })
}

variable "network" {
  description = "Network of the nodes"
  type = object({
    prefix      = number
    gateway     = string
    nameservers = list(string)
  })
}

variable "nodes" {
  description = "Nodes by name"
  type = map(object({
    role      = string
    address   = string
    host      = string
    vm_id     = number
    cores     = number
    memory    = number
    disk      = number
    data_disk = number
  }))
  validation {
    condition     = alltrue([for n in values(var.nodes) : contains(["controlplane", "worker"], n.role)])
    error_message = "A node is a controlplane or a worker."
  }
  validation {
    condition     = length([for n in values(var.nodes) : n if n.role == "controlplane"]) % 2 == 1
    error_message = "etcd wants an odd number of control planes."
  }
  validation {
    condition     = length(distinct([for n in values(var.nodes) : n.address])) == length(var.nodes)
    error_message = "Two nodes have the same address."
  }
}

variable "machines" {
  description = "Folder of the machine configurations that render wrote, NODE.yaml"
  type        = string
  default     = "machines"
}
