# What is promised to learners over var.slo.days, and alerts on how fast the allowance for breaking it is used up.

resource "google_monitoring_custom_service" "this" {
  project      = var.project_id
  service_id   = var.name
  display_name = local.title
  user_labels  = local.labels
}

locals {
  served_requests = join(" AND ", [
    "metric.type=\"run.googleapis.com/request_count\"",
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.service_name=one_of(${join(", ", [for service in local.served_services : "\"${service}\""])})",
  ])
}

resource "google_monitoring_slo" "availability" {
  project             = var.project_id
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "availability"
  display_name        = "${var.slo.availability * 100} % of requests without our fault in ${var.slo.days} days"
  goal                = var.slo.availability
  rolling_period_days = var.slo.days
  user_labels         = local.labels

  request_based_sli {
    good_total_ratio {
      total_service_filter = local.served_requests
      bad_service_filter   = "${local.served_requests} AND metric.labels.response_code_class=\"5xx\""
    }
  }
}

resource "google_monitoring_slo" "latency" {
  project             = var.project_id
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "latency"
  display_name        = "${var.slo.latency * 100} % of answers within ${var.slo.latency_seconds} s in ${var.slo.days} days"
  goal                = var.slo.latency
  rolling_period_days = var.slo.days
  user_labels         = local.labels

  # Answers of models, from our own lines: Cloud Run's latencies would mix them with requests that ask no model.
  request_based_sli {
    distribution_cut {
      distribution_filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["response_time"].name}\" AND resource.type=\"cloud_run_revision\""
      range {
        min = 0
        max = var.slo.latency_seconds * 1000
      }
    }
  }

  depends_on = [time_sleep.metrics_known]
}

locals {
  slos = {
    availability = google_monitoring_slo.availability
    latency      = google_monitoring_slo.latency
  }

  # Multiwindow, multi-burn-rate alerts: Site Reliability Workbook, chapter 5, table 5-8. A rate of 1 uses the allowance up
  # exactly at the period's end; 14.4 takes 2 % of a 30-day allowance in an hour, 6 takes 5 % in six. The short window, a
  # twelfth of the long, ends the alert soon after the trouble does.
  burns = {
    fast = { rate = 14.4, long = 3600, short = 300, severity = "CRITICAL", requests = 100 }
    slow = { rate = 6, long = 21600, short = 1800, severity = "WARNING", requests = 300 }
  }

  burn_alerts = merge([
    for objective in keys(local.slos) : {
      for pace, burn in local.burns : "${objective}_${pace}" => merge(burn, { objective = objective, pace = pace })
    }
  ]...)
}

resource "google_monitoring_alert_policy" "burn" {
  for_each              = local.burn_alerts
  project               = var.project_id
  display_name          = "${local.title}: ${each.value.objective} budget burns ${each.value.pace}"
  enabled               = var.alerts_enabled
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = "burn_${each.key}" })

  dynamic "conditions" {
    for_each = { long = each.value.long, short = each.value.short }
    content {
      display_name = "over ${each.value.rate} times the sustainable rate in ${conditions.value / 60} minutes"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${local.slos[each.value.objective].name}\", \"${conditions.value}s\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }

  # Among a handful of requests one failure is a high rate and says nothing.
  conditions {
    display_name = "at least ${each.value.requests} requests in ${each.value.long / 60} minutes"
    condition_threshold {
      filter          = local.served_requests
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.requests - 1
      duration        = "0s"
      aggregations {
        alignment_period     = "${each.value.long}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject   = "[${local.title}] ${each.value.objective} budget burns ${each.value.pace}"
    content   = "At this rate the allowance of ${var.slo.days} days is gone in ${format("%.1f", var.slo.days / each.value.rate)} days. The dashboard shows since when and which function; `/health` which model's breaker is open. After a release: roll back (terraform/README.md)."
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
}
