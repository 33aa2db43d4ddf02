# Signs of trouble that no rule of the fleet can see: a container that dies, a queue that is not emptied, a schedule that does
# not fire, and the alerts that administrators made for themselves.

locals {
  # Policies on a threshold, by name. `per_series` and `across` say how points become one number to compare.
  thresholds = {
    queue_depth = {
      title      = "Background work piles up"
      runbook    = "The queue never fell below the threshold. Look at the dashboard's queue and error panels: is `jobs` failing (its error lines say why), or asking for time (429, 503)? `GET /api/v1/ai/jobs/dead` lists what was given up. A paused queue shows depth without attempts: `gcloud tasks queues resume ${var.tasks_queue} --location ${var.region}`."
      metric     = "cloudtasks.googleapis.com/queue/depth"
      severity   = "WARNING"
      per_series = "ALIGN_MIN"
      across     = "REDUCE_SUM"
      value      = 500
    }
    queue_delay = {
      title      = "Background work starts late"
      runbook    = "Tasks reached `jobs` minutes after they were due: too few instances (max_instances in functions/catalog.yaml), or the queue's rate is too low for what is enqueued."
      metric     = "cloudtasks.googleapis.com/queue/task_attempt_delays"
      severity   = "WARNING"
      per_series = "ALIGN_PERCENTILE_95"
      across     = "REDUCE_MAX"
      value      = 120000 # milliseconds
    }
  }

  # Policies on single lines, by name. Each is told once in `every` at most.
  lines = {
    container_failed = {
      title    = "A container failed"
      severity = "CRITICAL"
      every    = "900s"
      labels   = { service = "EXTRACT(resource.labels.service_name)" }
      filter   = "${local.our_services}\n(severity>=CRITICAL OR (log_id(\"run.googleapis.com/varlog/system\") AND severity>=ERROR))"
      runbook  = "Cloud Run ended or could not start an instance (out of memory, start-up probe failed, crash), or a function logged CRITICAL. The line names the reason. After a release: roll back (terraform/README.md). Out of memory: raise `memory` in functions/catalog.yaml."
    }
    schedule_failed = {
      title    = "A scheduled call failed"
      severity = "ERROR"
      every    = "3600s"
      labels   = { job = "EXTRACT(resource.labels.job_id)" }
      filter   = "resource.type=\"cloud_scheduler_job\"\nresource.labels.location=\"${var.region}\"\nresource.labels.job_id=~\"^${var.name}-\"\nseverity>=ERROR"
      runbook  = "Cloud Scheduler got no success. While the alerts' schedule fails the fleet's own rules are not judged; while cleanup fails, what was abandoned is not collected. The line's status says which: 401 or 403 is the caller's identity, 5xx the function."
    }
    custom_rule = {
      title    = "A rule made by an administrator fired"
      severity = "WARNING"
      every    = "300s"
      labels   = { rule = "EXTRACT(jsonPayload.rule)" }
      filter   = "${local.our_lines}\njsonPayload.message=\"alert.raised\"\nNOT jsonPayload.rule=(${join(" OR ", [for key in sort(keys(local.rules)) : "\"${key}\""])})"
      runbook  = "`GET /api/v1/ai/admin/alerts` shows the rule, its value and its history. The built-in rules have policies of their own here, so they are left out."
    }
  }

  our_services = join("\n", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.location=\"${var.region}\"",
    "resource.labels.service_name=(${join(" OR ", [for service in local.services : "\"${service}\""])})",
  ])
}

resource "google_monitoring_alert_policy" "queue" {
  for_each              = local.thresholds
  project               = var.project_id
  display_name          = "${local.title}: ${each.value.title}"
  enabled               = var.alerts_enabled
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = each.key })

  conditions {
    display_name = each.value.title
    condition_threshold {
      filter = join(" AND ", [
        "metric.type = \"${each.value.metric}\"",
        "resource.type = \"cloud_tasks_queue\"",
        "resource.labels.location = \"${var.region}\"",
        "resource.labels.queue_id = \"${var.tasks_queue}\"",
      ])
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.value
      duration        = "600s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.per_series
        cross_series_reducer = each.value.across
      }
    }
  }

  documentation {
    subject   = "[${local.title}] ${each.value.title}"
    content   = each.value.runbook
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close           = "1800s"
    notification_prompts = ["OPENED", "CLOSED"]
  }
}

resource "google_monitoring_alert_policy" "line" {
  for_each              = local.lines
  project               = var.project_id
  display_name          = "${local.title}: ${each.value.title}"
  enabled               = var.alerts_enabled
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = merge(local.labels, { rule = each.key })

  conditions {
    display_name = each.value.title
    condition_matched_log {
      filter           = each.value.filter
      label_extractors = each.value.labels
    }
  }

  documentation {
    subject   = "[${local.title}] ${each.value.title}"
    content   = each.value.runbook
    mime_type = "text/markdown"
  }

  alert_strategy {
    auto_close = "3600s"
    # Required of policies on lines, and only there is it heard.
    notification_rate_limit {
      period = each.value.every
    }
  }
}
