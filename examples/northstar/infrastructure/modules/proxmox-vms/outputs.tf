output "ids" {
  description = "Numbers of the machines by name"
  value       = { for name, vm in proxmox_virtual_environment_vm.node : name => vm.vm_id }
}
