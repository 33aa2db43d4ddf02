# No backend is written here, so that `init`, `plan` and `terraform test` need nothing but a checkout: state is local.
# Where several people or Cloud Build apply, state belongs into a bucket. Terraform merges any file called
# `*_override.tf`: `backend_override.tf` (ignored by git) with
#
#   terraform {
#     backend "gcs" {
#       bucket = "PROJECT-tfstate"
#       prefix = "lyo"
#     }
#   }
#
# puts it there, and `terraform init -migrate-state` moves what exists.
terraform {
  required_version = ">= 1.11" # write-only arguments: no secret's value is ever in state

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }
}

provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  # Some APIs (budgets, Firebase) want a project that pays for the question when a person's own login asks.
  user_project_override = true
  billing_project       = var.project_id
}
