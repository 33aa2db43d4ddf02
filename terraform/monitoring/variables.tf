variable "project_id" {
  description = "Project that is watched and that holds the metrics, alerts and dashboards."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "region" {
  description = "Region of the functions, the GPU service and the queue."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a Google Cloud region such as europe-west4."
  }
}

variable "name" {
  description = "Prefix of every name here, the installation's own: two installations in one project stay apart."
  type        = string
  default     = "lyo"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "name is 1 to 20 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "environment" {
  description = "development, staging or production: a label on everything, and part of what an alert says."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment is development, staging or production."
  }
}

variable "labels" {
  description = "Labels of the installation, put on what takes labels."
  type        = map(string)
  default     = {}
}

variable "functions" {
  description = "What is deployed, by catalogue name: the Cloud Run service behind it, whether people reach it, its paths."
  type = map(object({
    service = string
    public  = bool
    paths   = list(string)
  }))

  validation {
    condition     = contains(keys(var.functions), "ops")
    error_message = "functions must have \"ops\": it answers the uptime check and logs the fleet's alerts."
  }
  validation {
    condition     = anytrue([for name, entry in var.functions : entry.public && name != "ops"])
    error_message = "functions has no public entry beside ops: there is nothing whose availability could be promised."
  }
}

variable "gpu_service" {
  description = "Cloud Run service of the own model, or null where there is none."
  type        = string
  default     = null
}

variable "tasks_queue" {
  description = "Name (not the full path) of the Cloud Tasks queue that carries background work."
  type        = string
}

variable "hosts" {
  description = "Host names of the functions by catalogue name, without scheme, such as ops = \"lyo-ops-123.europe-west4.run.app\"."
  type        = map(string)

  validation {
    condition     = alltrue([for host in values(var.hosts) : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", host))])
    error_message = "hosts are bare host names: no scheme, no path, no port."
  }
}

variable "host" {
  description = "Host name of the load balancer that answers for all functions, or null: then each is watched at its own."
  type        = string
  default     = null

  validation {
    condition     = var.host == null || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.host))
    error_message = "host is a bare host name (no scheme, no path, no port) or null."
  }
}

variable "alert_emails" {
  description = "Who hears of alerts. Empty: incidents are still opened and shown, nobody is written to."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alert_emails are e-mail addresses."
  }
  validation {
    condition     = length(distinct(var.alert_emails)) == length(var.alert_emails)
    error_message = "alert_emails names an address twice."
  }
}

variable "alerts_enabled" {
  description = "Whether alert policies watch. False keeps them, silent: for a rebuild or a load test."
  type        = bool
  default     = true
}

variable "uptime_enabled" {
  description = "Whether Google asks /health from several continents. Each question can wake an instance: off in a development project."
  type        = bool
  default     = true
}

variable "dashboard_enabled" {
  description = "Whether the Cloud Monitoring dashboard is made."
  type        = bool
  default     = true
}

variable "cost_per_request_usd" {
  description = "Mean USD per answer above which the cost alert fires; null: the threshold of alerts.json."
  type        = number
  default     = null

  validation {
    condition     = var.cost_per_request_usd == null || try(var.cost_per_request_usd > 0, false)
    error_message = "cost_per_request_usd is over 0, or null."
  }
}

variable "slo" {
  description = "What is promised over `days`: the share of requests answered without our fault, and the share answered within `latency_seconds`."
  type = object({
    availability    = optional(number, 0.999)
    latency         = optional(number, 0.95)
    latency_seconds = optional(number, 5)
    days            = optional(number, 28)
  })
  default = {}

  validation {
    # Below 0.94 a burn rate of 14.4 cannot be reached, even when everything fails: that alert could never fire.
    condition     = alltrue([for goal in [var.slo.availability, var.slo.latency] : goal >= 0.94 && goal <= 0.9999])
    error_message = "slo.availability and slo.latency are shares from 0.94 to 0.9999."
  }
  validation {
    # The latency goal counts whole buckets of the response time metric, so its limit must be a bucket's.
    condition     = contains([0.5, 1, 2, 3, 5, 10, 30], var.slo.latency_seconds)
    error_message = "slo.latency_seconds is one of 0.5, 1, 2, 3, 5, 10, 30: a bound of the response time's buckets."
  }
  validation {
    condition     = var.slo.days >= 1 && var.slo.days <= 30 && floor(var.slo.days) == var.slo.days
    error_message = "slo.days is a whole number from 1 to 30."
  }
}

variable "budget" {
  description = "Monthly budget of the project. Without a billing account (its id, XXXXXX-XXXXXX-XXXXXX) none is made. `thresholds` are shares of `amount`."
  type = object({
    billing_account = optional(string)
    amount          = optional(number, 100)
    currency        = optional(string, "USD")
    thresholds      = optional(list(number), [0.5, 0.9, 1.0])
  })
  default = {}

  validation {
    condition     = var.budget.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account is the account's id, XXXXXX-XXXXXX-XXXXXX, or null."
  }
  validation {
    condition     = var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount
    error_message = "budget.amount is a whole number of the currency's units, 1 or more."
  }
  validation {
    condition     = can(regex("^[A-Z]{3}$", var.budget.currency))
    error_message = "budget.currency is an ISO 4217 code, and the one the billing account is kept in."
  }
  validation {
    condition     = length(var.budget.thresholds) > 0 && alltrue([for share in var.budget.thresholds : share > 0 && share <= 5])
    error_message = "budget.thresholds are shares of the amount over 0, such as [0.5, 0.9, 1.0]."
  }
}
