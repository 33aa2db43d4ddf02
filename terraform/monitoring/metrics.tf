locals {
  metrics = yamldecode(file("${path.module}/metrics.yaml"))

  # Google's monitored resource of every function and container here.
  our_lines = join("\n", [
    "resource.type=\"cloud_run_revision\"",
    "resource.labels.location=\"${var.region}\"",
    "resource.labels.service_name=(${join(" OR ", [for service in local.function_services : "\"${service}\""])})",
  ])
}

resource "google_logging_metric" "this" {
  for_each    = local.metrics
  project     = var.project_id
  name        = "${var.name}/${each.key}"
  description = each.value.description
  filter      = "${local.our_lines}\n${each.value.filter}"

  value_extractor = can(each.value.value) ? "EXTRACT(${each.value.value})" : null
  label_extractors = {
    for label, field in try(each.value.labels, {}) : label => "EXTRACT(${field})"
  }

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit        = try(each.value.unit, "1")

    dynamic "labels" {
      for_each = try(each.value.labels, {})
      content {
        key        = labels.key
        value_type = "STRING"
      }
    }
  }

  dynamic "bucket_options" {
    for_each = can(each.value.buckets) ? [each.value.buckets] : []
    content {
      explicit_buckets {
        bounds = bucket_options.value
      }
    }
  }
}

# A new metric is unknown to Cloud Monitoring for a while (Google says up to ten minutes, mostly seconds), and an SLO over an
# unknown metric is refused. Where this wait was too short, applying again goes on from here. The alert conditions do without:
# they are made with disable_metric_validation.
resource "time_sleep" "metrics_known" {
  create_duration = "60s"
  triggers        = { for key, metric in google_logging_metric.this : key => metric.id }
}
