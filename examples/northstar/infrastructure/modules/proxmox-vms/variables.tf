variable "environment" {
  description = "A tag of the machines"
  type        = string
}

variable "talos" {
  description = "Which image the machines start from"
  type = object({
    version   = string
    schematic = string
  })
}

variable "proxmox" {
  description = "Where disks and networks are"
  type = object({
    endpoint = string
    storage  = string
    bridge   = string
    vlan     = number
    uplink   = optional(string, "")
  })
}

variable "network" {
  description = "What a machine knows before Talos configures it"
  type = object({
    prefix      = number
    gateway     = string
    nameservers = list(string)
  })
}

variable "nodes" {
  description = "Machines by name; disks in GiB, memory in MiB"
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
}

variable "image_storage" {
  description = "Datastore of the downloaded image on each host"
  type        = string
  default     = "local"
}
