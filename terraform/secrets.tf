# Secrets by the setting that reads them, and the capability (`roles` in the catalogue) whose holders get it.

locals {
  secrets = {
    UPSTASH_REDIS_REST_TOKEN = "coordination"
    OPENAI_API_KEY           = "secrets"
    ANTHROPIC_API_KEY        = "secrets"
    GOOGLE_AI_API_KEY        = "secrets"
    GEMMA_4_API_KEY          = "secrets"
    ALERT_WEBHOOK_URL        = "secrets"
  }
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secrets

  secret_id = "${var.name}-${lower(replace(each.key, "_", "-"))}"

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [time_sleep.apis]
}

# The value is write-only: it goes from the ephemeral variable to Secret Manager and is in no plan and no state.
resource "google_secret_manager_secret_version" "value" {
  for_each = local.secrets

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = lookup(var.secret_values, each.key, "unset")
  secret_data_wo_version = lookup(var.secret_versions, each.key, 1)

  # An old version stays until somebody destroys it: revisions that a rollback goes back to read it when they start.
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  # Pinned to a version: a new value means a new revision, and the revision before keeps the old one.
  secret_environment = {
    for name, entry in local.entries : name => {
      for setting, capability in local.secrets : setting => {
        secret  = google_secret_manager_secret.secret[setting].secret_id
        version = google_secret_manager_secret_version.value[setting].version
      } if contains(entry.roles, capability)
    }
  }
}
