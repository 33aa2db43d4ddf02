locals {
  function_services = sort([for entry in values(var.functions) : entry.service])
  services          = sort(concat(local.function_services, var.gpu_service == null ? [] : [var.gpu_service]))

  # What people call. Without ops: its scheduled and uptime requests, always quick and well, would water down every share.
  served_services = sort([for name, entry in var.functions : entry.service if entry.public && name != "ops"])

  labels = merge(var.labels, { installation = var.name, environment = var.environment })
  title  = "${var.name} (${var.environment})"

  # The fleet's rules, made from shared/telemetry/rules.py by scripts/alerts: one table for what runs in `ops` and for Google's.
  rules = {
    for key, rule in jsondecode(file("${path.module}/../alerts.json")).rules : key => merge(rule, {
      threshold = key == "cost_per_request" && var.cost_per_request_usd != null ? var.cost_per_request_usd : rule.threshold
    })
  }

  # How PromQL calls what Cloud Monitoring stores: the first "/" is ":", what is no letter or digit "_".
  # https://cloud.google.com/monitoring/promql/promql-mapping
  promql_prefix = "logging_googleapis_com:user_${replace(var.name, "-", "_")}_"

  # What the templates of queries (conditions.yaml.tftpl, dashboard.yaml.tftpl) may name.
  query_names = {
    metric = merge(
      { for key in keys(local.metrics) : key => "${local.promql_prefix}${key}" },
      { requests = "run_googleapis_com:request_count" },
    )
    run      = "monitored_resource=\"cloud_run_revision\""
    services = join("|", local.services)
    served   = join("|", local.served_services)
    gpu      = var.gpu_service == null ? "none" : var.gpu_service
    queue    = var.tasks_queue
    region   = var.region
    rules    = local.rules
  }
}
