# One cluster: its virtual machines, and Talos on them.
module "vms" {
  source = "./modules/proxmox-vms"

  environment = var.environment
  talos       = var.talos
  proxmox     = var.proxmox
  network     = var.network
  nodes       = var.nodes
}

module "talos" {
  source = "./modules/talos-cluster"

  cluster_name       = var.cluster_name
  endpoint           = var.endpoint
  talos_version      = var.talos.version
  installer          = "factory.talos.dev/nocloud-installer/${var.talos.schematic}"
  kubernetes_version = var.kubernetes_version
  nodes = {
    for name, node in var.nodes : name => {
      role    = node.role
      address = node.address
      patch   = file("${var.machines}/${name}.yaml")
    }
  }

  # The machines must be there before Talos on them can be spoken to.
  depends_on = [module.vms]
}
