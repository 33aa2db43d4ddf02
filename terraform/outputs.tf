output "urls" {
  description = "Address of each entry; private ones answer Google's own callers alone."
  value       = local.urls
}

output "base_url" {
  description = "The one address of all functions, or null without the load balancer: then `routes` says who answers a path."
  value       = var.load_balancer.enabled ? "https://${var.load_balancer.domains[0]}" : null
}

output "routes" {
  description = "Path prefix -> address that answers people under it (the longest prefix that fits wins)."
  value       = { for path, name in local.fronts : path => var.load_balancer.enabled ? "https://${var.load_balancer.domains[0]}" : local.urls[name] }
}

output "load_balancer_address" {
  description = "What the domains' A records must say before Google issues the certificate."
  value       = one(google_compute_global_address.edge[*].address)
}

output "gpu_url" {
  description = "Address of the GPU service, or null."
  value       = var.gpu.enabled ? local.gpu_url : null
}

output "release" {
  description = "The archive that is deployed, as /health tells it."
  value       = local.release
}

output "registry" {
  description = "Where images are pushed."
  value       = local.registry
}

output "images" {
  description = "Image of the GPU service and of each container. They must exist before the services are made."
  value       = merge(var.gpu.enabled ? { gpu = local.gpu_image } : {}, local.container_images)
}

output "gpu_weights" {
  description = "Where the model's files have to be before the GPU service can start, or null."
  value       = var.gpu.enabled && var.gpu.model_source == null ? "gs://${var.project_id}-${var.name}-weights/${var.gpu.model}" : null
}

output "gpu_base_image" {
  description = "What the GPU service's image is built on: vLLM for the accelerator's driver. Null without a GPU."
  value       = var.gpu.enabled ? local.gpu_plan.base_image : null
}

output "buckets" {
  description = "Buckets by purpose."
  value       = { for purpose, bucket in google_storage_bucket.bucket : purpose => bucket.name }
}

output "queue" {
  description = "Full name of the queue of background work."
  value       = local.queue
}

output "service_accounts" {
  description = "Who runs what, by entry or by purpose."
  value = merge(
    { for name, account in google_service_account.entry : name => account.email },
    { for name, account in google_service_account.system : name => account.email },
  )
}

output "secrets" {
  description = "Secret Manager's name of each secret, by the setting that reads it."
  value       = { for setting, secret in google_secret_manager_secret.secret : setting => secret.secret_id }
}

output "name" {
  description = "First part of the name of everything here."
  value       = var.name
}
