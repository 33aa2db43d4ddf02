resource "google_monitoring_notification_channel" "email" {
  for_each     = toset(var.alert_emails)
  project      = var.project_id
  display_name = "${local.title}: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  user_labels  = local.labels
}

locals {
  channels = [for address in sort(var.alert_emails) : google_monitoring_notification_channel.email[address].id]
}
