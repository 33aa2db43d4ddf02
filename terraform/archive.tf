# One archive of the source for all functions. Its name is the hash of its content (the same that scripts/archive gives),
# so a deploy of unchanged source changes nothing, and a changed one is built by every function.

locals {
  sources = sort([
    for path in setunion(
      fileset(local.repository, "{main.py,requirements.txt}"),
      fileset(local.repository, "functions/**"),
      fileset(local.repository, "shared/**"),
    ) : path if length(regexall("(^|/)(__pycache__/|\\.)|\\.pyc$", path)) == 0
  ])
  source_hash = substr(sha256(join("", [
    for path in local.sources : "${path} ${filesha256("${local.repository}/${path}")}\n"
  ])), 0, 16)

  packed  = var.archive != null ? basename(var.archive) : "lyo-${local.source_hash}.zip"
  release = trimsuffix(coalesce(var.archive_object, local.packed), ".zip")
}

data "archive_file" "source" {
  count = var.archive == null && var.archive_object == null ? 1 : 0

  type             = "zip"
  output_path      = "${path.module}/.build/${local.packed}"
  output_file_mode = "0644"

  dynamic "source" {
    for_each = local.sources
    content {
      filename = source.value
      content  = file("${local.repository}/${source.value}")
    }
  }
}

resource "google_storage_bucket_object" "archive" {
  count = var.archive_object == null ? 1 : 0

  name   = local.packed
  bucket = google_storage_bucket.bucket["source"].name
  source = var.archive != null ? var.archive : data.archive_file.source[0].output_path

  # The next release leaves this one where it is: to go back is to deploy it again (archive_object).
  deletion_policy = "ABANDON"

  lifecycle {
    # The name says what is inside; a repacked zip of the same content is no change.
    ignore_changes = [source, detect_md5hash]
  }
}
