# Cloud Build deploys this environment from the repository (cloudbuild.yaml): on every push, and where `approval` is on only
# after somebody has approved the build. Without a repository there is none, and `scripts/deploy` does the same by hand.

variable "pipeline" {
  description = "Where the source is: a repository that is connected to Cloud Build (projects/P/locations/L/connections/C/repositories/R), the branch (a regular expression), whether somebody has to approve each build, and the name of the values in envs/."
  type = object({
    repository  = optional(string)
    branch      = optional(string, "^main$")
    approval    = optional(bool, true)
    environment = optional(string, "prod")
  })
  default = {}

  validation {
    condition     = var.pipeline.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.pipeline.repository))
    error_message = "pipeline.repository is projects/P/locations/L/connections/C/repositories/R."
  }
  validation {
    condition     = var.pipeline.approval || var.environment != "production"
    error_message = "pipeline.approval must be true where environment is production."
  }
}

locals {
  # What an apply makes, it must be allowed to make. That is nearly everything: guard who may push to that branch.
  deployer_roles = var.pipeline.repository == null ? [] : [
    "roles/artifactregistry.admin",
    "roles/cloudbuild.builds.editor",
    "roles/cloudfunctions.admin",
    "roles/cloudscheduler.admin",
    "roles/cloudtasks.admin",
    "roles/compute.loadBalancerAdmin",
    "roles/compute.networkAdmin",
    "roles/compute.securityAdmin",
    "roles/datastore.owner",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountUser",
    "roles/logging.admin",
    "roles/monitoring.admin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/run.admin",
    "roles/secretmanager.admin",
    "roles/serviceusage.serviceUsageAdmin",
    "roles/storage.admin",
  ]
}

resource "google_service_account" "deployer" {
  count = var.pipeline.repository == null ? 0 : 1

  account_id   = "${var.name}-deployer"
  display_name = "Deploys what is pushed"

  depends_on = [time_sleep.apis]
}

resource "google_project_iam_member" "deployer" {
  for_each = toset(local.deployer_roles)

  project = var.project_id
  role    = each.key
  member  = google_service_account.deployer[0].member
}

resource "google_cloudbuild_trigger" "deploy" {
  count = var.pipeline.repository == null ? 0 : 1

  name            = "${var.name}-deploy"
  location        = var.region
  description     = "Deploys ${var.pipeline.environment} from ${var.pipeline.branch}"
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.deployer[0].id
  substitutions   = { _ENVIRONMENT = var.pipeline.environment }

  repository_event_config {
    repository = var.pipeline.repository
    push {
      branch = var.pipeline.branch
    }
  }

  approval_config {
    approval_required = var.pipeline.approval
  }

  depends_on = [google_project_iam_member.deployer]
}
