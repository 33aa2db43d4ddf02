# The alerts of the contract (section 8), each as Google sees it: from its own count of our lines and its own look at the
# containers. They hold also where `ops`, which judges the same rules from the fleet's shared totals, does not run.

locals {
  conditions = yamldecode(templatefile("${path.module}/conditions.yaml.tftpl", local.query_names))

  # Distributions that Cloud Run samples per instance, as shares from 0 to 1. Percentile aligners take both kinds of
  # distribution (delta and gauge), so that nothing here depends on which one a metric is.
  samples = merge(
    {
      memory = {
        metric   = "run.googleapis.com/container/memory/utilizations"
        services = local.services
        aligner  = "ALIGN_PERCENTILE_99" # the fullest instance: it is the one that will be killed
      }
    },
    var.gpu_service == null ? {} : {
      gpu_utilization = {
        metric   = "run.googleapis.com/container/gpu/utilizations"
        services = [var.gpu_service]
        aligner  = "ALIGN_PERCENTILE_50" # at its limit most of the time: single peaks are what a GPU is for
      }
    },
  )

  comparisons = { ">" = "COMPARISON_GT", ">=" = "COMPARISON_GE", "<" = "COMPARISON_LT", "<=" = "COMPARISON_LE" }

  runbooks = {
    for key, rule in local.rules : key => join("\n\n", [
      "**${rule.title}** in ${local.title}: ${rule.operator} ${rule.threshold} over ${rule.window_seconds} s.",
      rule.runbook,
    ])
  }
}

resource "google_monitoring_alert_policy" "counted" {
  for_each              = local.conditions
  project               = var.project_id
  display_name          = "${local.title}: ${local.rules[each.key].title}"
  enabled               = var.alerts_enabled
  combiner              = "OR"
  severity              = upper(local.rules[each.key].severity)
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = each.key })

  conditions {
    display_name = local.rules[each.key].title
    condition_prometheus_query_language {
      query               = each.value
      duration            = "60s"
      evaluation_interval = "60s"
      # At the first apply no line has been counted yet, so the metric is not there.
      disable_metric_validation = true
    }
  }

  documentation {
    subject   = "[${local.title}] ${local.rules[each.key].title}"
    content   = local.runbooks[each.key]
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
}

resource "google_monitoring_alert_policy" "sampled" {
  for_each              = local.samples
  project               = var.project_id
  display_name          = "${local.title}: ${local.rules[each.key].title}"
  enabled               = var.alerts_enabled
  combiner              = "OR"
  severity              = upper(local.rules[each.key].severity)
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = each.key })

  conditions {
    display_name = local.rules[each.key].title
    condition_threshold {
      filter = join(" AND ", [
        "metric.type = \"${each.value.metric}\"",
        "resource.type = \"cloud_run_revision\"",
        "resource.labels.service_name = one_of(${join(", ", [for service in each.value.services : "\"${service}\""])})",
      ])
      comparison      = local.comparisons[local.rules[each.key].operator]
      threshold_value = local.rules[each.key].threshold
      duration        = "60s"
      aggregations {
        alignment_period     = "${local.rules[each.key].window_seconds}s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = "REDUCE_MAX"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }

  documentation {
    subject   = "[${local.title}] ${local.rules[each.key].title}"
    content   = local.runbooks[each.key]
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
}
