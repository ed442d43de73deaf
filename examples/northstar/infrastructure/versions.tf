terraform {
  required_version = ">= 1.8"
  required_providers {
    proxmox = {
      source  = "bpg/proxmox"
      version = "~> 0.90"
    }
    talos = {
      source  = "siderolabs/talos"
      version = "~> 0.11"
    }
  }
}

# The token is PROXMOX_VE_API_TOKEN in the environment of the run.
provider "proxmox" {
  endpoint = var.proxmox.endpoint
}
