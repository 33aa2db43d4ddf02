# What an installation is asked. Each has a default that suits a small one, but for the first five.

variable "project_id" {
  description = "Google Cloud project that everything is made in. It must exist and have billing."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "region" {
  description = "Region of everything that runs or stores, the learners' data included (data residency)."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region is a Google Cloud region such as europe-west4."
  }
}

variable "environment" {
  description = "development, staging or production: the ENVIRONMENT of every function, and a label."
  type        = string

  validation {
    condition     = contains(["development", "staging", "production"], var.environment)
    error_message = "environment is development, staging or production."
  }
}

variable "redis_url" {
  description = "HTTPS address of the Upstash Redis database (its token is a secret, UPSTASH_REDIS_REST_TOKEN). Eviction must be off."
  type        = string

  validation {
    condition     = can(regex("^https://[^\\s/]+$", var.redis_url))
    error_message = "redis_url is https:// and a host, as Upstash shows it under REST."
  }
}

variable "protect_data" {
  description = "Whether `destroy` leaves the database, its backup schedules and the buckets that hold data in place."
  type        = bool

  validation {
    condition     = var.protect_data || var.environment != "production"
    error_message = "protect_data must be true where environment is production."
  }
}

variable "name" {
  description = "First part of every name here, so that two installations can share a project."
  type        = string
  default     = "lyo"

  validation {
    # Service accounts have at most 30 characters, and a catalogue name must fit behind it.
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.name))
    error_message = "name is 2 to 10 lower-case letters and digits, and starts with a letter."
  }
}

variable "labels" {
  description = "More labels for everything that takes some."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for key, value in var.labels : can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "labels are lower-case letters, digits, hyphens and underscores; keys start with a letter."
  }
}

variable "catalog_file" {
  description = "The list of what is deployed, when it is not functions/catalog.yaml."
  type        = string
  default     = null

  validation {
    condition     = var.catalog_file == null || can(yamldecode(file(var.catalog_file)).functions)
    error_message = "catalog_file is not a YAML file with `functions`."
  }
}

variable "overrides" {
  description = "Sizes that differ here from the catalogue's, by catalogue name."
  type = map(object({
    memory        = optional(string)
    cpu           = optional(number)
    concurrency   = optional(number)
    timeout       = optional(number)
    min_instances = optional(number)
    max_instances = optional(number)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.overrides), local.catalog[*].name)) == 0
    error_message = "overrides names what is not in the catalogue: ${join(", ", setsubtract(keys(var.overrides), local.catalog[*].name))}."
  }
}

variable "runtime" {
  description = "Cloud Run functions runtime that the archive is built for. Google patches it between deploys."
  type        = string
  default     = "python312"

  validation {
    condition     = can(regex("^python3(1[1-9])$", var.runtime))
    error_message = "runtime is python311 or newer."
  }
}

variable "archive" {
  description = "Source archive packed by `scripts/archive`. Without one Terraform packs the working tree's main.py, functions/, shared/ and requirements.txt."
  type        = string
  default     = null

  validation {
    condition     = var.archive == null || try(fileexists(var.archive) && can(regex("^lyo-[0-9a-f]{16}\\.zip$", basename(var.archive))), false)
    error_message = "archive is no file that scripts/archive wrote (lyo-….zip)."
  }
}

variable "archive_object" {
  description = "Name of an earlier archive in the source bucket to deploy again instead of packing one: rollback."
  type        = string
  default     = null

  validation {
    condition     = var.archive_object == null || can(regex("^lyo-[0-9a-f]{16}\\.zip$", var.archive_object))
    error_message = "archive_object is the name of an object in the source bucket: lyo-, 16 hexadecimal digits, .zip."
  }
  validation {
    condition     = var.archive_object == null || var.archive == null
    error_message = "archive_object and archive are two answers to one question: give one of them."
  }
}

variable "images" {
  description = "Images of catalogue entries with `service: container`, by name, when not the content-tagged one of this project's registry: rollback."
  type        = map(string)
  default     = {}
}

variable "settings" {
  description = "More settings of the product (shared/settings.py) for every function, such as OPTIMIZATION_LEVEL. Secrets have a place of their own."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.settings) : can(regex("^[A-Z][A-Z0-9_]*$", key))])
    error_message = "settings are named in capitals, as shared/settings.py reads them."
  }
  validation {
    condition     = contains(["DEBUG", "INFO"], lookup(var.settings, "LOG_LEVEL", "INFO"))
    error_message = "settings.LOG_LEVEL is INFO or DEBUG: metrics and alerts are counted from lines of level INFO."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), concat(local.managed_settings, keys(local.secrets)))) == 0
    error_message = "settings holds what has a variable or a secret of its own: ${join(", ", setintersection(keys(var.settings), concat(local.managed_settings, keys(local.secrets))))}."
  }
}

variable "money" {
  description = "USD: what all may spend in a day, one learner in a day, and what an answer may cost on average before an alert."
  type = object({
    daily             = optional(number, 50)
    daily_per_learner = optional(number, 1)
    alert_per_request = optional(number, 0.02)
  })
  default = {}

  validation {
    condition     = var.money.daily >= 0 && var.money.daily_per_learner >= 0 && var.money.alert_per_request > 0
    error_message = "money: daily and daily_per_learner are 0 or more USD, alert_per_request is over 0."
  }
}

variable "app_check" {
  description = "Firebase App Check for learners' requests: off, monitor (log and let through) or enforce."
  type        = string
  default     = "off"

  validation {
    condition     = contains(["off", "monitor", "enforce"], var.app_check)
    error_message = "app_check is off, monitor or enforce."
  }
}

variable "tracing" {
  description = "Where spans go (OTLP over HTTP; null: nowhere) and what share of requests is traced when the caller has not decided."
  type = object({
    endpoint     = optional(string, "https://telemetry.googleapis.com")
    sample_ratio = optional(number, 0.05)
  })
  default = {}

  validation {
    condition     = var.tracing.endpoint == null || can(regex("^https://[^\\s]+$", var.tracing.endpoint))
    error_message = "tracing.endpoint is an https:// address, or null."
  }
  validation {
    condition     = var.tracing.sample_ratio >= 0 && var.tracing.sample_ratio <= 1
    error_message = "tracing.sample_ratio is a share from 0 to 1."
  }
}

variable "secret_values" {
  description = "Values for secrets by name (TF_VAR_secret_values='{\"OPENAI_API_KEY\":\"...\"}'): never in a plan or in state. What has none is `unset`, which the product reads as absent."
  type        = map(string)
  default     = {}
  nullable    = false
  ephemeral   = true

  validation {
    condition     = length(setsubtract(keys(var.secret_values), keys(local.secrets))) == 0
    error_message = "secret_values has a name that no function reads; secrets.tf lists them."
  }
}

variable "secret_versions" {
  description = "Number of a secret's value, 1 where not named: a higher one writes a new version from secret_values and starts new revisions with it."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.secret_versions), keys(local.secrets))) == 0
    error_message = "secret_versions has a name that no function reads; secrets.tf lists them."
  }
  validation {
    condition     = alltrue([for number in values(var.secret_versions) : number >= 1 && floor(number) == number])
    error_message = "secret_versions are whole numbers from 1."
  }
}
