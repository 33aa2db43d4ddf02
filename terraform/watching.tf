module "monitoring" {
  source = "./monitoring"

  project_id  = var.project_id
  region      = var.region
  name        = var.name
  environment = var.environment
  labels      = local.labels

  functions = {
    for name, entry in local.entries : name => { service = local.deployed[name], public = entry.public, paths = entry.paths }
  }
  gpu_service = one(google_cloud_run_v2_service.gpu[*].name)
  tasks_queue = google_cloud_tasks_queue.jobs.name
  hosts       = local.hosts
  host        = var.load_balancer.enabled ? var.load_balancer.domains[0] : null

  alert_emails         = var.alert_emails
  alerts_enabled       = var.watching.alerts
  uptime_enabled       = var.watching.uptime
  dashboard_enabled    = var.watching.dashboard
  cost_per_request_usd = var.money.alert_per_request
  budget               = var.budget

  depends_on = [time_sleep.apis]
}
