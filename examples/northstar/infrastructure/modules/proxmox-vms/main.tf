locals {
  hosts         = toset([for node in values(var.nodes) : node.host])
  control_hosts = toset([for node in values(var.nodes) : node.host if node.role == "controlplane"])
}

# Where the bridge is ours: one on each host's uplink, which knows the VLANs that the machines are in.
resource "proxmox_virtual_environment_network_linux_bridge" "machines" {
  for_each = var.proxmox.uplink == "" ? toset([]) : local.hosts

  node_name  = each.key
  name       = var.proxmox.bridge
  ports      = [var.proxmox.uplink]
  vlan_aware = true
  comment    = "Machines of ${var.environment}"
}

# The image is fetched once to each host.
resource "proxmox_virtual_environment_download_file" "talos" {
  for_each = local.hosts

  node_name               = each.key
  datastore_id            = var.image_storage
  content_type            = "iso"
  file_name               = "talos-${var.talos.version}-${substr(var.talos.schematic, 0, 8)}.img"
  url                     = "https://factory.talos.dev/image/${var.talos.schematic}/${var.talos.version}/nocloud-amd64.raw.gz"
  decompression_algorithm = "gz"
  overwrite               = false
}

resource "proxmox_virtual_environment_vm" "node" {
  for_each = var.nodes

  name          = each.key
  description   = "${each.value.role} of ${var.environment}"
  node_name     = each.value.host
  vm_id         = each.value.vm_id
  tags          = sort([var.environment, each.value.role, "talos"])
  machine       = "q35"
  scsi_hardware = "virtio-scsi-single"
  on_boot       = true

  # Control planes first, and not all at once.
  startup {
    order    = each.value.role == "controlplane" ? 1 : 2
    up_delay = 15
  }

  agent {
    enabled = true
  }

  cpu {
    cores = each.value.cores
    type  = "x86-64-v2-AES"
  }

  memory {
    dedicated = each.value.memory
  }

  operating_system {
    type = "l26"
  }

  disk {
    interface    = "scsi0"
    datastore_id = var.proxmox.storage
    file_id      = proxmox_virtual_environment_download_file.talos[each.value.host].id
    file_format  = "raw"
    size         = each.value.disk
    discard      = "on"
    iothread     = true
    ssd          = true
  }

  dynamic "disk" {
    for_each = each.value.data_disk > 0 ? [each.value.data_disk] : []
    content {
      interface    = "scsi1"
      datastore_id = var.proxmox.storage
      file_format  = "raw"
      size         = disk.value
      discard      = "on"
      iothread     = true
      ssd          = true
    }
  }

  network_device {
    bridge  = var.proxmox.bridge
    model   = "virtio"
    vlan_id = var.proxmox.vlan
  }

  initialization {
    datastore_id = var.proxmox.storage
    dns {
      servers = var.network.nameservers
    }
    ip_config {
      ipv4 {
        address = "${each.value.address}/${var.network.prefix}"
        gateway = var.network.gateway
      }
    }
  }

  depends_on = [proxmox_virtual_environment_network_linux_bridge.machines]

  lifecycle {
    # Talos upgrades itself in place: a newer image is no reason for a new disk.
    ignore_changes = [disk[0].file_id]

    precondition {
      condition     = var.environment != "prod" || length(local.control_hosts) >= 3
      error_message = "The control planes of prod stand on three hosts at least."
    }
  }
}
