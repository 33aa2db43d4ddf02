# Catalogue entries with `service: container`: what is no HTTP function, from an image built here (scripts/deploy builds it).
resource "google_cloud_run_v2_service" "container" {
  for_each = local.containers

  name        = local.services[each.key]
  location    = var.region
  description = each.value.description
  labels      = merge(local.labels, { function = each.key })
  ingress     = each.value.public ? (var.load_balancer.enabled ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL") : "INGRESS_TRAFFIC_INTERNAL_ONLY"

  # It keeps nothing: protection would only stand in the way of a destroy.
  deletion_protection = false

  template {
    service_account                  = google_service_account.entry[each.key].email
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      min_instance_count = each.value.min_instances
      max_instance_count = each.value.max_instances
    }

    containers {
      image = local.container_images[each.key]

      resources {
        limits            = { cpu = tostring(each.value.cpu), memory = each.value.memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment[each.key]
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = local.secret_environment[each.key]
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = env.value.secret
              version = env.value.version
            }
          }
        }
      }

      startup_probe {
        period_seconds    = 5
        failure_threshold = 24
        timeout_seconds   = 5
        tcp_socket {
          port = 8080
        }
      }
    }
  }

  depends_on = [time_sleep.rights]

  lifecycle {
    precondition {
      condition     = length(local.services[each.key]) <= 30 && !contains(local.taken, each.key)
      error_message = "${each.key}: with the prefix a name has at most 30 characters (service accounts), and ${join(", ", local.taken)} are taken."
    }
  }
}
