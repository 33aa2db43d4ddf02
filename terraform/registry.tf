# Images: those that function builds make (packages named by Google), the GPU service's and the catalogue's containers.
resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84: images hold no learner's data; Google's own encryption at rest is enough for them
  repository_id = var.name
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the functions, the GPU service and containers."

  # Tags cannot be made immutable: function builds move `latest` themselves. What we deploy ourselves is tagged by content.
  cleanup_policies {
    id     = "keep-the-last-ten"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
  cleanup_policies {
    id     = "drop-after-a-month"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }

  depends_on = [time_sleep.apis]
}

locals {
  # What an image is built from, as the last part of its tag: unchanged sources need no new image.
  gpu_files = sort([
    for path in fileset(local.repository, "gpu_service/**") : path if length(regexall("(^|/)(__pycache__/|\\.)|\\.pyc$", path)) == 0
  ])
  gpu_hash = substr(sha256(join("", concat(
    [for path in local.gpu_files : "${path} ${filesha256("${local.repository}/${path}")}\n"],
    [try(local.gpu_plan.base_image, "")], # each accelerator's driver wants its own build of vLLM
  ))), 0, 16)
  gpu_image = coalesce(var.gpu.image, "${local.registry}/gpu:${local.gpu_hash}")

  container_images = {
    for name, entry in local.containers : name => lookup(
      var.images, name,
      "${local.registry}/${name}:${substr(sha256("${local.source_hash} ${try(filesha256("${local.repository}/${entry.dockerfile}"), "")}"), 0, 16)}"
    )
  }
}
