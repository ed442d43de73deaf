output "talosconfig" {
  description = "For talosctl"
  value       = data.talos_client_configuration.this.talos_config
  sensitive   = true
}

output "kubeconfig" {
  description = "For kubectl"
  value       = talos_cluster_kubeconfig.this.kubeconfig_raw
  sensitive   = true
}

output "upgrade" {
  description = "Commands that take the nodes to talos_version and kubernetes_version, in their order: control planes first, one at a time"
  value = concat(
    [for name in concat(sort(keys(local.controlplanes)), sort([for n, node in var.nodes : n if node.role == "worker"])) :
    "talosctl upgrade --nodes ${var.nodes[name].address} --image ${var.installer}:${var.talos_version} --wait"],
    ["talosctl upgrade-k8s --nodes ${local.first} --to ${var.kubernetes_version}"],
  )
}
