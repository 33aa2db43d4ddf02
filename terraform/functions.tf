# One Cloud Run function for each catalogue entry, built from the archive by Google.
#
# google_cloudfunctions2_function, not google_cloud_run_v2_service with build_config: that block records how a function was
# built, it builds nothing (hashicorp/terraform-provider-google issues 22263 and 23057), so an apply in an empty project would
# end at an image that does not exist. What is deployed is the same: a Cloud Run service of the function's name.
resource "google_cloudfunctions2_function" "function" {
  #checkov:skip=CKV_GCP_124: what the catalogue calls public must be reachable by phones; all others are ALLOW_INTERNAL_ONLY (tests/access.tftest.hcl)
  for_each = local.functions

  name        = local.services[each.key]
  location    = var.region
  description = each.value.description
  labels      = merge(local.labels, { function = each.key })

  build_config {
    runtime           = var.runtime
    entry_point       = each.key
    service_account   = google_service_account.system["build"].id
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.bucket["source"].name
        object = var.archive_object != null ? var.archive_object : google_storage_bucket_object.archive[0].name
      }
    }

    # Google patches the base image under a running function; the packages stay those that requirements.txt locks.
    automatic_update_policy {}
  }

  service_config {
    service_account_email            = google_service_account.entry[each.key].email
    available_memory                 = each.value.memory
    available_cpu                    = tostring(each.value.cpu)
    max_instance_request_concurrency = each.value.concurrency
    timeout_seconds                  = each.value.timeout
    min_instance_count               = each.value.min_instances
    max_instance_count               = each.value.max_instances
    ingress_settings                 = each.value.public ? (var.load_balancer.enabled ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL") : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    environment_variables            = local.environment[each.key]

    dynamic "secret_environment_variables" {
      for_each = local.secret_environment[each.key]
      content {
        key        = secret_environment_variables.key
        project_id = var.project_id
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  # A build or a start that is refused for rights that are still on their way fails the apply.
  depends_on = [time_sleep.rights]

  lifecycle {
    precondition {
      condition     = length(local.services[each.key]) <= 30 && !contains(local.taken, each.key)
      error_message = "${each.key}: with the prefix a name has at most 30 characters (service accounts), and ${join(", ", local.taken)} are taken."
    }
  }
}
