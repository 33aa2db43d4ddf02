# The GPU service's own network: out of it leads nothing but Google's own APIs (no NAT, no external addresses), over which it
# reads weights from the bucket at the speed of the internal network. Functions need none.

resource "google_compute_network" "gpu" {
  count = var.gpu.enabled ? 1 : 0

  name                    = "${var.name}-gpu"
  auto_create_subnetworks = false

  depends_on = [time_sleep.apis]
}

resource "google_compute_subnetwork" "gpu" {
  #checkov:skip=CKV_GCP_26: nothing but Google's APIs can be reached from it, and those keep their own audit logs
  count = var.gpu.enabled ? 1 : 0

  name                     = "${var.name}-gpu"
  network                  = google_compute_network.gpu[0].id
  region                   = var.region
  ip_cidr_range            = "10.8.0.0/24" # Direct VPC egress wants a /26 or more, and up to four times the instances
  private_ip_google_access = true
}

resource "google_compute_firewall" "gpu_no_entry" {
  count = var.gpu.enabled ? 1 : 0

  name      = "${var.name}-gpu-no-entry"
  network   = google_compute_network.gpu[0].id
  direction = "INGRESS"
  priority  = 1000

  source_ranges = ["0.0.0.0/0"]
  deny {
    protocol = "all"
  }
}
