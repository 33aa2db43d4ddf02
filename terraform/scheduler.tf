resource "google_cloud_scheduler_job" "schedule" {
  for_each = local.schedules

  name             = "${var.name}-${each.key}"
  region           = var.region
  description      = "POST ${each.value.path} of ${each.value.entry}"
  schedule         = each.value.cron
  time_zone        = "Etc/UTC"
  attempt_deadline = "${min(local.entries[each.value.entry].timeout, 1800)}s" # Scheduler waits half an hour at most

  retry_config {
    retry_count          = 2
    min_backoff_duration = "10s"
    max_backoff_duration = "60s"
  }

  http_target {
    http_method = "POST"
    uri         = "${local.urls[each.value.entry]}${each.value.path}"

    oidc_token {
      service_account_email = google_service_account.system["scheduler"].email
      audience              = local.urls[each.value.entry]
    }
  }

  depends_on = [google_cloudfunctions2_function.function, google_cloud_run_v2_service.container]
}
