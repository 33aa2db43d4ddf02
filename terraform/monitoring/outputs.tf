output "alert_policies" {
  description = "Full names of the alert policies, by what they watch."
  value = merge(
    { for key, policy in google_monitoring_alert_policy.counted : key => policy.name },
    { for key, policy in google_monitoring_alert_policy.sampled : key => policy.name },
    { for key, policy in google_monitoring_alert_policy.queue : key => policy.name },
    { for key, policy in google_monitoring_alert_policy.line : key => policy.name },
    { for key, policy in google_monitoring_alert_policy.burn : "burn_${key}" => policy.name },
    { for policy in google_monitoring_alert_policy.uptime : "uptime" => policy.name },
  )
}

output "notification_channels" {
  description = "Ids of the e-mail channels, for policies made elsewhere."
  value       = local.channels
}

output "slos" {
  description = "Full names of the service level objectives."
  value       = { for key, slo in local.slos : key => slo.name }
}

output "dashboard" {
  description = "Id of the dashboard, or null where none is made."
  value       = one(google_monitoring_dashboard.this[*].id)
}

output "uptime_check" {
  description = "Id of the uptime check of /health, or null where none is made."
  value       = one(google_monitoring_uptime_check_config.health[*].uptime_check_id)
}

output "log_metrics" {
  description = "Types of the metrics counted from log lines, by name, as Cloud Monitoring calls them."
  value       = { for key, metric in google_logging_metric.this : key => "logging.googleapis.com/user/${metric.name}" }
}
