# The parts that an installation may leave out or size: data, queue, own model, load balancer, watching.

variable "firestore" {
  description = "The database. `location` (a region, eur3 or nam5) cannot be changed later; null: `region`. Retention in days and weeks; 0: no such backup."
  type = object({
    database                = optional(string, "(default)")
    location                = optional(string)
    point_in_time_recovery  = optional(bool, true)
    daily_backups_kept_days = optional(number, 7)
    weekly_backups_kept     = optional(number, 8)
  })
  default = {}

  validation {
    condition     = var.firestore.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.firestore.database))
    error_message = "firestore.database is (default), or 4 to 63 lower-case letters, digits and hyphens."
  }
  validation {
    # Firestore keeps a backup for at most 14 weeks.
    condition     = var.firestore.daily_backups_kept_days >= 0 && var.firestore.daily_backups_kept_days <= 98 && var.firestore.weekly_backups_kept >= 0 && var.firestore.weekly_backups_kept <= 14
    error_message = "firestore: daily backups are kept 0 to 98 days, weekly ones 0 to 14 weeks."
  }
}

variable "tasks_queue" {
  description = "The queue of background work. A deleted queue's name cannot be used again for days: give another one after a destroy."
  type = object({
    name           = optional(string)
    per_second     = optional(number, 50)
    concurrent     = optional(number, 40)
    logged         = optional(number, 0.1)
    first_retry    = optional(string, "2s")
    longest_retry  = optional(string, "300s")
    retry_doubling = optional(number, 8)
  })
  default = {}

  validation {
    condition     = var.tasks_queue.name == null || can(regex("^[A-Za-z0-9-]{1,100}$", var.tasks_queue.name))
    error_message = "tasks_queue.name is 1 to 100 letters, digits and hyphens."
  }
  validation {
    condition     = var.tasks_queue.per_second > 0 && var.tasks_queue.per_second <= 500 && var.tasks_queue.concurrent >= 1 && var.tasks_queue.concurrent <= 5000
    error_message = "tasks_queue: per_second is over 0 and at most 500, concurrent 1 to 5000 (Cloud Tasks' own limits)."
  }
}

variable "gpu" {
  description = <<-EOT
    The own Gemma on Cloud Run with a GPU. `accelerator` and `model` are a pair of gpu_service/plans.json, which says what
    fits and how many sequences it batches. `image` null: the content-tagged one of this project's registry. `model_source`
    null: gs:// the weights bucket/model. `startup_seconds`: how long a model may load (Cloud Run allows 1800 with a GPU).
  EOT
  type = object({
    enabled         = optional(bool, false)
    accelerator     = optional(string, "nvidia-l4")
    model           = optional(string, "gemma-4-e4b-w4a16")
    image           = optional(string)
    model_source    = optional(string)
    min_instances   = optional(number, 0)
    max_instances   = optional(number, 1)
    startup_seconds = optional(number, 900)
    timeout         = optional(number, 600)
    settings        = optional(map(string), {})
  })
  default = {}

  validation {
    condition     = !var.gpu.enabled || contains(keys(local.gpu_plans), "${var.gpu.accelerator}/${var.gpu.model}")
    error_message = "gpu: ${var.gpu.accelerator}/${var.gpu.model} does not fit or is unknown. gpu_service/plans.json has: ${join(", ", keys(local.gpu_plans))}."
  }
  validation {
    condition     = var.gpu.min_instances >= 0 && var.gpu.max_instances >= 1 && var.gpu.min_instances <= var.gpu.max_instances
    error_message = "gpu: min_instances is 0 or more and at most max_instances, which is 1 or more."
  }
  validation {
    condition     = length(setintersection(keys(var.gpu.settings), ["GPU_HARDWARE", "GPU_MODEL", "MODEL_SOURCE", "MAX_NUM_SEQS", "SERVED_MODEL_NAME"])) == 0
    error_message = "gpu.settings holds what follows from accelerator and model; functions and Cloud Run's concurrency rely on it."
  }
  validation {
    condition     = var.gpu.startup_seconds >= 60 && var.gpu.startup_seconds <= 1800 && var.gpu.startup_seconds % 10 == 0
    error_message = "gpu.startup_seconds is 60 to 1800 in steps of 10."
  }
  validation {
    condition     = !var.gpu.enabled || contains(lookup(local.gpu_regions, var.gpu.accelerator, []), var.region)
    error_message = "gpu: Cloud Run has no ${var.gpu.accelerator} in ${var.region}; it is in ${join(", ", lookup(local.gpu_regions, var.gpu.accelerator, []))}."
  }
}

variable "load_balancer" {
  description = "One HTTPS address for all functions, with Cloud Armor before it. Without it each function has its own run.app address."
  type = object({
    enabled             = optional(bool, false)
    domains             = optional(list(string), [])
    requests_per_minute = optional(number, 600)
    waf_rules           = optional(list(string), ["cve-canary", "scannerdetection-v33-stable"])
    waf_preview         = optional(bool, true)
    log_sample_rate     = optional(number, 0.1)
  })
  default = {}

  validation {
    condition     = !var.load_balancer.enabled || length(var.load_balancer.domains) > 0
    error_message = "load_balancer.domains names at least one domain: Google issues its certificate."
  }
  validation {
    condition     = alltrue([for domain in var.load_balancer.domains : can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", domain))])
    error_message = "load_balancer.domains are domain names in lower case, without scheme, path or wildcard."
  }
  validation {
    condition     = var.load_balancer.requests_per_minute >= 10 && var.load_balancer.requests_per_minute <= 600000
    error_message = "load_balancer.requests_per_minute (of one address) is 10 to 600000."
  }
}

variable "alert_emails" {
  description = "Who is written to when an alert fires."
  type        = list(string)
  default     = []
}

variable "watching" {
  description = "Which of the watching is on: alert policies, uptime checks (each question can wake an instance), the dashboard."
  type = object({
    alerts    = optional(bool, true)
    uptime    = optional(bool, true)
    dashboard = optional(bool, true)
  })
  default = {}
}

variable "budget" {
  description = "Monthly budget with warnings. Without a billing account none is made."
  type = object({
    billing_account = optional(string)
    amount          = optional(number, 100)
    currency        = optional(string, "USD")
    thresholds      = optional(list(number), [0.5, 0.9, 1.0])
  })
  default = {}
}
