# The catalogue, with this installation's sizes, and the names and addresses that follow from it.

locals {
  repository = abspath("${path.module}/..")
  catalog    = yamldecode(file(coalesce(var.catalog_file, "${local.repository}/functions/catalog.yaml"))).functions

  entries = {
    for entry in local.catalog : entry.name => {
      service       = entry.service
      description   = entry.description
      dockerfile    = try(entry.dockerfile, null)
      paths         = entry.paths
      public        = entry.public
      front         = try(entry.front, null)
      roles         = entry.roles
      memory        = coalesce(try(var.overrides[entry.name].memory, null), entry.memory)
      cpu           = coalesce(try(var.overrides[entry.name].cpu, null), entry.cpu)
      concurrency   = coalesce(try(var.overrides[entry.name].concurrency, null), entry.concurrency)
      timeout       = coalesce(try(var.overrides[entry.name].timeout, null), entry.timeout)
      min_instances = coalesce(try(var.overrides[entry.name].min_instances, null), entry.min_instances)
      max_instances = coalesce(try(var.overrides[entry.name].max_instances, null), entry.max_instances)
    }
  }
  functions  = { for name, entry in local.entries : name => entry if entry.service == "function" }
  containers = { for name, entry in local.entries : name => entry if entry.service == "container" }

  schedules = merge([
    for entry in local.catalog : {
      for schedule in entry.schedules : "${entry.name}-${schedule.name}" => merge(schedule, { entry = entry.name })
    }
  ]...)

  # Who may call a private entry: Cloud Tasks the one that does background work, Scheduler those that have a schedule.
  # The same accounts are the only ones whose tokens the function itself accepts on service routes.
  callers = {
    for name, entry in local.entries : name => concat(
      name == local.worker ? ["tasks"] : [],
      contains(values(local.schedules)[*].entry, name) ? ["scheduler"] : [],
    )
  }
  worker = "jobs" # the entry that Cloud Tasks delivers to

  labels = merge({ application = var.name, environment = var.environment }, var.labels)

  # Addresses of the deterministic form are known before anything exists. So a function can be told its own, and those of
  # others, without a cycle.
  services = { for name in keys(local.entries) : name => "${var.name}-${name}" }
  hosts    = { for name, service in local.services : name => "${service}-${data.google_project.this.number}.${var.region}.run.app" }
  urls     = { for name, host in local.hosts : name => "https://${host}" }
  gpu_url  = "https://${var.name}-gpu-${data.google_project.this.number}.${var.region}.run.app"

  registry = "${var.region}-docker.pkg.dev/${var.project_id}/${var.name}"
}

data "google_project" "this" {
  project_id = var.project_id
}
