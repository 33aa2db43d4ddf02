# The settings (shared/settings.py) of every deployed entry.

locals {
  # Alike everywhere.
  common = {
    ENVIRONMENT              = var.environment
    AUTH_MODE                = "firebase"
    GCP_PROJECT_ID           = var.project_id
    GCP_PROJECT_NUMBER       = tostring(data.google_project.this.number)
    GCP_REGION               = var.region
    FIRESTORE_DATABASE       = google_firestore_database.main.name
    UPSTASH_REDIS_REST_URL   = var.redis_url
    UPSTASH_NAMESPACE        = "${var.name}-${var.environment}"
    TASKS_QUEUE              = local.queue
    TASKS_TARGET_URL         = local.urls[local.worker]
    TASKS_AUDIENCE           = local.urls[local.worker]
    TASKS_SERVICE_ACCOUNT    = google_service_account.system["tasks"].email
    TRUSTED_PROXIES          = var.load_balancer.enabled ? "2" : "1" # the load balancer appends its own address behind the caller's
    APP_CHECK                = var.app_check
    ENABLE_GPU_ACCELERATION  = tostring(var.gpu.enabled || contains(keys(var.settings), "LOCAL_INFER_URL")) # a server of one's own elsewhere
    AI_DAILY_COST_LIMIT      = tostring(var.money.daily)
    AI_USER_DAILY_COST_LIMIT = tostring(var.money.daily_per_learner)
    ALERT_COST_PER_REQUEST   = tostring(var.money.alert_per_request)
    RELEASE                  = local.release
  }
  traced = var.tracing.endpoint == null ? {} : {
    OTEL_EXPORTER_OTLP_ENDPOINT = var.tracing.endpoint
    TRACE_SAMPLE_RATIO          = tostring(var.tracing.sample_ratio)
  }

  # Only for those with the capability `gpu`, and only where there is one.
  gemma = !var.gpu.enabled ? {} : {
    LOCAL_INFER_URL            = "${local.gpu_url}/v1"
    LOCAL_INFER_AUDIENCE       = local.gpu_url
    LOCAL_INFER_SCALES_TO_ZERO = tostring(var.gpu.min_instances == 0)
    GEMMA_4_MODEL_PATH         = local.gpu_plan.served_model_name
  }

  # An entry's own: the audience that Google's tokens for it carry, whose they may be, and whether Google has checked them
  # before us (it takes their signature off then), which is so on private services alone.
  own = {
    for name, entry in local.entries : name => merge(
      {
        SERVICE_AUDIENCE         = local.urls[name]
        PLATFORM_CHECKS_IDENTITY = tostring(!entry.public)
      },
      length(local.callers[name]) == 0 ? {} : {
        SERVICE_ACCOUNTS = join(",", [for account in local.callers[name] : google_service_account.system[account].email])
      },
    )
  }

  environment = {
    for name, entry in local.entries : name => merge(
      var.settings,
      local.common,
      local.traced,
      contains(entry.roles, "gpu") ? local.gemma : {},
      local.own[name],
    )
  }

  managed_settings = [
    "ENVIRONMENT", "AUTH_MODE", "GCP_PROJECT_ID", "GCP_PROJECT_NUMBER", "GCP_REGION", "FIRESTORE_DATABASE",
    "UPSTASH_REDIS_REST_URL", "UPSTASH_NAMESPACE", "TASKS_QUEUE", "TASKS_TARGET_URL", "TASKS_AUDIENCE",
    "TASKS_SERVICE_ACCOUNT", "TRUSTED_PROXIES", "APP_CHECK", "ENABLE_GPU_ACCELERATION", "AI_DAILY_COST_LIMIT",
    "AI_USER_DAILY_COST_LIMIT", "ALERT_COST_PER_REQUEST", "RELEASE", "OTEL_EXPORTER_OTLP_ENDPOINT", "TRACE_SAMPLE_RATIO",
    "LOCAL_INFER_AUDIENCE", "LOCAL_INFER_SCALES_TO_ZERO", "SERVICE_AUDIENCE", "SERVICE_ACCOUNTS",
    "PLATFORM_CHECKS_IDENTITY",
  ]
}
