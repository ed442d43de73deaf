output "nodes" {
  description = "Addresses of the nodes by name"
  value       = { for name, node in var.nodes : name => node.address }
}

output "vm_ids" {
  description = "Numbers of the virtual machines by node"
  value       = module.vms.ids
}

output "upgrade" {
  description = "Commands that upgrade the nodes to the versions of the configuration, in their order"
  value       = module.talos.upgrade
}

output "talosconfig" {
  description = "For talosctl"
  value       = module.talos.talosconfig
  sensitive   = true
}

output "kubeconfig" {
  description = "For kubectl"
  value       = module.talos.kubeconfig
  sensitive   = true
}
