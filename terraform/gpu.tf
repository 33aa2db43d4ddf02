# The own Gemma. gpu_service/plans.json (made of its tables by gpu_service) says which pairs of GPU and model fit, and for each
# how many sequences vLLM batches, the instance it needs and the name it serves the model under.

locals {
  gpu_plans = jsondecode(file("${local.repository}/gpu_service/plans.json")).plans
  gpu_plan  = lookup(local.gpu_plans, "${var.gpu.accelerator}/${var.gpu.model}", null)

  # Cloud Run's regions (cloud.google.com/run/docs/configuring/services/gpu, read 2026-11); some by invitation.
  gpu_regions = {
    nvidia-l4           = ["asia-south1", "asia-southeast1", "europe-west1", "europe-west4", "us-central1", "us-east4"]
    nvidia-rtx-pro-6000 = ["asia-south2", "asia-southeast1", "europe-west4", "us-central1"]
  }
}

resource "google_cloud_run_v2_service" "gpu" {
  count = var.gpu.enabled ? 1 : 0

  name        = "${var.name}-gpu"
  location    = var.region
  description = "vLLM with ${var.gpu.model} on ${var.gpu.accelerator}"
  labels      = merge(local.labels, { function = "gpu" })

  # Reachable from the internet, and Google refuses everyone but the functions' accounts. `internal` would mean sending all
  # that functions send through a network of ours (and a NAT for the paid models): more to pay and to break, for no more safety.
  ingress = "INGRESS_TRAFFIC_ALL"

  # It keeps nothing: protection would only stand in the way of a destroy.
  deletion_protection = false

  template {
    service_account                  = google_service_account.system["gpu"].email
    timeout                          = "${var.gpu.timeout}s"
    max_instance_request_concurrency = local.gpu_plan.max_num_seqs # what vLLM batches: one more would wait here, not scale out
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"
    gpu_zonal_redundancy_disabled    = true

    node_selector {
      accelerator = var.gpu.accelerator
    }

    scaling {
      min_instance_count = var.gpu.min_instances
      max_instance_count = var.gpu.max_instances
    }

    vpc_access {
      egress = "ALL_TRAFFIC"
      network_interfaces {
        network    = google_compute_network.gpu[0].id
        subnetwork = google_compute_subnetwork.gpu[0].id
      }
    }

    containers {
      image = local.gpu_image

      resources {
        limits = {
          cpu              = local.gpu_plan.cpu
          memory           = local.gpu_plan.memory
          "nvidia.com/gpu" = "1"
        }
        cpu_idle          = false # with a GPU Cloud Run bills instances, not requests
        startup_cpu_boost = true
      }

      ports {
        container_port = 8080
      }

      dynamic "env" {
        for_each = merge(var.gpu.settings, {
          GCP_PROJECT_ID = var.project_id # its log lines name whole traces
          GPU_HARDWARE   = var.gpu.accelerator
          GPU_MODEL      = var.gpu.model
          MODEL_SOURCE   = coalesce(var.gpu.model_source, "gs://${google_storage_bucket.bucket["weights"].name}/${var.gpu.model}")
        })
        content {
          name  = env.key
          value = env.value
        }
      }

      # /health generates a token. A model may take minutes to load; an engine that died under a living server is restarted.
      startup_probe {
        period_seconds    = 10
        timeout_seconds   = 10
        failure_threshold = var.gpu.startup_seconds / 10
        http_get {
          path = "/health"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 20
        failure_threshold = 3
        http_get {
          path = "/health"
        }
      }
    }
  }

  depends_on = [google_storage_bucket_iam_member.gpu, time_sleep.rights]
}

resource "google_storage_bucket_iam_member" "gpu" {
  for_each = var.gpu.enabled ? toset(["weights", "adapters"]) : []

  bucket = google_storage_bucket.bucket[each.key].name
  role   = "roles/storage.objectViewer"
  member = google_service_account.system["gpu"].member
}
