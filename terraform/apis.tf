locals {
  apis = concat(
    [
      "artifactregistry.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "cloudscheduler.googleapis.com",
      "cloudtasks.googleapis.com",
      "firestore.googleapis.com",
      "firebaseappcheck.googleapis.com",
      "iam.googleapis.com",
      "identitytoolkit.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "run.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
      "telemetry.googleapis.com",
    ],
    var.gpu.enabled || var.load_balancer.enabled ? ["compute.googleapis.com"] : [],
    var.budget.billing_account != null ? ["billingbudgets.googleapis.com"] : [],
    anytrue([for entry in values(local.entries) : contains(entry.roles, "tuning")]) ? ["aiplatform.googleapis.com"] : [],
  )
}

resource "google_project_service" "api" {
  for_each = toset(local.apis)
  service  = each.key

  # Others in the project may use it, and what protects data stays behind a destroy and needs it.
  disable_on_destroy = false
}

# An API answers "not enabled" for up to a minute after it was enabled.
resource "time_sleep" "apis" {
  create_duration = "60s"
  triggers        = { apis = join(" ", local.apis) }

  depends_on = [google_project_service.api]
}
