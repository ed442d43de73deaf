# Run with `tofu test`: no provider is spoken to.
mock_provider "proxmox" {}
mock_provider "talos" {}

variables {
  cluster_name       = "test"
  environment        = "test"
  endpoint           = "10.0.0.5"
  kubernetes_version = "1.36.4"
  machines           = "tests/machines"
  talos              = { version = "v1.13.9", schematic = "88d1f7a5c4f1d3ab" }
  proxmox            = { endpoint = "https://pve.example:8006/", storage = "ceph", bridge = "vmbr0", vlan = 10 }
  network            = { prefix = 24, gateway = "10.0.0.1", nameservers = ["9.9.9.9"] }
  nodes = {
    cp-1 = { role = "controlplane", address = "10.0.0.11", host = "pve1", vm_id = 111, cores = 2, memory = 4096, disk = 32, data_disk = 0 }
    w-1  = { role = "worker", address = "10.0.0.21", host = "pve2", vm_id = 121, cores = 4, memory = 8192, disk = 64, data_disk = 100 }
  }
}

run "machines_are_those_of_the_nodes" {
  command = plan

  assert {
    condition     = output.vm_ids == { cp-1 = 111, w-1 = 121 }
    error_message = "Each node is a machine with its number."
  }
  assert {
    condition     = output.nodes["w-1"] == "10.0.0.21"
    error_message = "Each node has its address."
  }
}

run "disks_of_volumes_are_the_workers" {
  command = plan
  module {
    source = "./modules/proxmox-vms"
  }
  providers = {
    proxmox = proxmox
  }

  assert {
    condition     = length(proxmox_virtual_environment_vm.node["cp-1"].disk) == 1
    error_message = "A control plane has its system disk only."
  }
  assert {
    condition     = [for disk in proxmox_virtual_environment_vm.node["w-1"].disk : disk.size] == [64, 100]
    error_message = "A worker has a second disk."
  }
  assert {
    condition     = keys(proxmox_virtual_environment_download_file.talos) == ["pve1", "pve2"]
    error_message = "The image is on each host once."
  }
}

run "nodes_are_upgraded_control_planes_first" {
  command = plan

  assert {
    condition = output.upgrade == [
      "talosctl upgrade --nodes 10.0.0.11 --image factory.talos.dev/nocloud-installer/88d1f7a5c4f1d3ab:v1.13.9 --wait",
      "talosctl upgrade --nodes 10.0.0.21 --image factory.talos.dev/nocloud-installer/88d1f7a5c4f1d3ab:v1.13.9 --wait",
      "talosctl upgrade-k8s --nodes 10.0.0.11 --to 1.36.4",
    ]
    error_message = "One after the other, with the image of the extensions, then Kubernetes."
  }
}

run "the_bridge_is_ours_where_an_uplink_is_named" {
  command = plan
  module {
    source = "./modules/proxmox-vms"
  }
  providers = {
    proxmox = proxmox
  }
  variables {
    proxmox = { endpoint = "https://pve.example:8006/", storage = "ceph", bridge = "vmbr1", vlan = 10, uplink = "bond0" }
  }

  assert {
    condition     = [for host, bridge in proxmox_virtual_environment_network_linux_bridge.machines : "${host} ${bridge.name} ${bridge.ports[0]} ${bridge.vlan_aware}"] == ["pve1 vmbr1 bond0 true", "pve2 vmbr1 bond0 true"]
    error_message = "Each host has the bridge on its uplink."
  }
  assert {
    condition     = alltrue([for vm in proxmox_virtual_environment_vm.node : vm.network_device[0].bridge == "vmbr1" && vm.network_device[0].vlan_id == 10])
    error_message = "Each machine is in the VLAN, on the bridge."
  }
}

run "control_planes_of_prod_on_two_hosts_are_refused" {
  command = plan
  module {
    source = "./modules/proxmox-vms"
  }
  providers = {
    proxmox = proxmox
  }
  variables {
    environment = "prod"
  }
  expect_failures = [proxmox_virtual_environment_vm.node]
}

run "an_even_number_of_control_planes_is_refused" {
  command = plan
  variables {
    nodes = {
      cp-1 = { role = "controlplane", address = "10.0.0.11", host = "pve1", vm_id = 111, cores = 2, memory = 4096, disk = 32, data_disk = 0 }
      cp-2 = { role = "controlplane", address = "10.0.0.12", host = "pve1", vm_id = 112, cores = 2, memory = 4096, disk = 32, data_disk = 0 }
    }
  }
  expect_failures = [var.nodes]
}

run "an_address_that_two_nodes_have_is_refused" {
  command = plan
  variables {
    nodes = {
      cp-1 = { role = "controlplane", address = "10.0.0.11", host = "pve1", vm_id = 111, cores = 2, memory = 4096, disk = 32, data_disk = 0 }
      w-1  = { role = "worker", address = "10.0.0.11", host = "pve1", vm_id = 121, cores = 2, memory = 4096, disk = 32, data_disk = 0 }
    }
  }
  expect_failures = [var.nodes]
}

run "a_version_with_a_v_is_refused" {
  command = plan
  variables {
    kubernetes_version = "v1.36.4"
  }
  expect_failures = [var.kubernetes_version]
}
