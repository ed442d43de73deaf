locals {
  controlplanes = { for name, node in var.nodes : name => node if node.role == "controlplane" }
  # etcd starts on one of them; the others join it.
  first = local.controlplanes[sort(keys(local.controlplanes))[0]].address
}

# In the state, and nowhere else: keep the state encrypted.
resource "talos_machine_secrets" "this" {
  talos_version = var.talos_version

  lifecycle {
    # New secrets are a new cluster.
    prevent_destroy = true
  }
}

data "talos_machine_configuration" "node" {
  for_each = var.nodes

  cluster_name       = var.cluster_name
  cluster_endpoint   = "https://${var.endpoint}:6443"
  machine_type       = each.value.role
  machine_secrets    = talos_machine_secrets.this.machine_secrets
  talos_version      = var.talos_version
  kubernetes_version = var.kubernetes_version
  config_patches     = [each.value.patch]
  docs               = false
  examples           = false
}

resource "talos_machine_configuration_apply" "node" {
  for_each = var.nodes

  client_configuration        = talos_machine_secrets.this.client_configuration
  machine_configuration_input = data.talos_machine_configuration.node[each.key].machine_configuration
  node                        = each.value.address
}

resource "talos_machine_bootstrap" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first

  depends_on = [talos_machine_configuration_apply.node]
}

resource "talos_cluster_kubeconfig" "this" {
  client_configuration = talos_machine_secrets.this.client_configuration
  node                 = local.first

  depends_on = [talos_machine_bootstrap.this]
}

data "talos_client_configuration" "this" {
  cluster_name         = var.cluster_name
  client_configuration = talos_machine_secrets.this.client_configuration
  endpoints            = [for node in values(local.controlplanes) : node.address]
  nodes                = [for node in values(var.nodes) : node.address]
}
