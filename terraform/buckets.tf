locals {
  # noncurrent_days: how long an overwritten or deleted object can be had back. age_days: when an object goes by itself.
  buckets = {
    source   = { data = false, noncurrent_days = 7, age_days = 365 }  # archives: an old one is what a rollback deploys
    datasets = { data = true, noncurrent_days = 30, age_days = null } # what learners agreed to, for training
    adapters = { data = true, noncurrent_days = 90, age_days = null } # what training made
    weights  = { data = false, noncurrent_days = 1, age_days = null } # can be downloaded again
  }
}

resource "google_storage_bucket" "bucket" {
  #checkov:skip=CKV_GCP_62: Cloud Audit Logs say who reads what (data access logs, README); access logs into a bucket are the old way
  for_each = local.buckets

  name                        = "${var.project_id}-${var.name}-${each.key}"
  location                    = upper(var.region)
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # Where data is protected, `destroy` forgets the bucket and leaves it; else it goes with what is in it.
  deletion_policy = each.value.data && var.protect_data ? "ABANDON" : "DELETE"
  force_destroy   = !(each.value.data && var.protect_data)

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = each.value.noncurrent_days
      with_state                 = "ARCHIVED"
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 2
    }
  }

  dynamic "lifecycle_rule" {
    for_each = each.value.age_days == null ? [] : [each.value.age_days]
    content {
      action {
        type = "Delete"
      }
      condition {
        age = lifecycle_rule.value
      }
    }
  }

  depends_on = [time_sleep.apis]
}
