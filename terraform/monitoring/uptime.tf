locals {
  uptime_host = var.host != null ? var.host : lookup(var.hosts, "ops", null)
}

resource "google_monitoring_uptime_check_config" "health" {
  count        = var.uptime_enabled ? 1 : 0
  project      = var.project_id
  display_name = "${local.title}: /health"
  period       = "300s"
  timeout      = "30s" # an instance may have to be started first
  user_labels  = local.labels
  # Why a check failed is otherwise nowhere to be read.
  log_check_failures = true

  http_check {
    path           = "/health"
    port           = 443
    use_ssl        = true
    validate_ssl   = true
    request_method = "GET"
    accepted_response_status_codes {
      status_value = 200 # also when degraded: learners are answered. 503 when they cannot be
    }
  }

  # Whose 200 it is: a parked domain or a proxy answers 200 as well.
  content_matchers {
    content = "\"score\""
    matcher = "CONTAINS_STRING"
  }

  monitored_resource {
    type = "uptime_url"
    labels = {
      project_id = var.project_id
      host       = local.uptime_host
    }
  }

  lifecycle {
    # A check of another host is another check: the one that an alert still names must not go first.
    create_before_destroy = true
    precondition {
      condition     = local.uptime_host != null
      error_message = "uptime_enabled wants a host, or hosts[\"ops\"]."
    }
  }
}

resource "google_monitoring_alert_policy" "uptime" {
  count                 = var.uptime_enabled ? 1 : 0
  project               = var.project_id
  display_name          = "${local.title}: not reachable"
  enabled               = var.alerts_enabled
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = "uptime" })

  conditions {
    display_name = "/health fails from more than one place"
    condition_threshold {
      filter = join(" AND ", [
        "metric.type = \"monitoring.googleapis.com/uptime_check/check_passed\"",
        "metric.labels.check_id = \"${google_monitoring_uptime_check_config.health[0].uptime_check_id}\"",
        "resource.type = \"uptime_url\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = 1 # places: one of them alone is that place's network
      duration        = "60s"
      aggregations {
        alignment_period     = "1200s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
      trigger {
        count = 1
      }
    }
  }

  documentation {
    subject   = "[${local.title}] not reachable"
    content   = "`https://${local.uptime_host}/health` answers no 200 with a score, from several continents. 503: the document store does not answer (its `reasons` say so), and no learner is served. No answer at all: the load balancer, its certificate, or `ops` does not start; `gcloud run services logs read` says which. After a release: roll back (terraform/README.md)."
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
}
