# The database, with exactly the indexes and expiry fields that the code declares (firestore.json: scripts/indexes).

locals {
  collections = jsondecode(file("${path.module}/firestore.json")).collections

  composite_indexes = merge([
    for collection, declared in local.collections : {
      for fields in declared.composite :
      "${collection}/${join(",", [for field in fields : "${field.order == "DESCENDING" ? "-" : ""}${field.field_path}"])}" => { collection = collection, fields = fields }
    }
  ]...)

  # Every other field of a collection has no index: each would cost a write, hold long texts, and be a hot spot as it grows.
  single_indexes = merge([
    for collection, declared in local.collections : { for field in declared.single : "${collection}/${field}" => { collection = collection, field = field } }
  ]...)
}

resource "google_firestore_database" "main" {
  name                              = var.firestore.database
  location_id                       = coalesce(var.firestore.location, var.region)
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = var.firestore.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"

  # Protected: `destroy` forgets the database and leaves it, and nobody deletes it by hand without taking this off first.
  delete_protection_state = var.protect_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = var.protect_data ? "ABANDON" : "DELETE"

  depends_on = [time_sleep.apis]
}

resource "google_firestore_index" "composite" {
  for_each = local.composite_indexes

  database    = google_firestore_database.main.name
  collection  = each.value.collection
  query_scope = "COLLECTION"

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.field_path
      order      = fields.value.order
    }
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = local.collections

  database   = google_firestore_database.main.name
  collection = each.key
  field      = "*"

  index_config {}
}

resource "google_firestore_field" "indexed" {
  for_each = local.single_indexes

  database   = google_firestore_database.main.name
  collection = each.value.collection
  field      = each.value.field

  index_config {
    indexes {
      order       = "ASCENDING"
      query_scope = "COLLECTION"
    }
  }
}

resource "google_firestore_field" "expiry" {
  for_each = local.collections

  database   = google_firestore_database.main.name
  collection = each.key
  field      = each.value.ttl

  ttl_config {}
  index_config {}
}

resource "google_firestore_backup_schedule" "daily" {
  count = var.firestore.daily_backups_kept_days > 0 ? 1 : 0

  database        = google_firestore_database.main.name
  retention       = "${var.firestore.daily_backups_kept_days * 86400}s"
  deletion_policy = var.protect_data ? "ABANDON" : "DELETE"

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "weekly" {
  count = var.firestore.weekly_backups_kept > 0 ? 1 : 0

  database        = google_firestore_database.main.name
  retention       = "${var.firestore.weekly_backups_kept * 604800}s"
  deletion_policy = var.protect_data ? "ABANDON" : "DELETE"

  weekly_recurrence {
    day = "SUNDAY"
  }
}
