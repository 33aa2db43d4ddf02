# What cannot be is refused, with a message, before anything is made.

variables {
  project_id     = "lyo-test"
  region         = "europe-west4"
  environment    = "development"
  redis_url      = "https://test.upstash.io"
  protect_data   = false
  archive_object = "lyo-0123456789abcdef.zip"
}

run "values_that_are_none" {
  command = plan

  variables {
    project_id      = "Lyo"
    region          = "europe"
    environment     = "test"
    redis_url       = "redis://test"
    name            = "Lyo-1"
    runtime         = "python27"
    archive_object  = "latest.zip"
    app_check       = "on"
    labels          = { App = "x" }
    money           = { daily = -1 }
    tracing         = { sample_ratio = 2 }
    secret_values   = { NO_SUCH_KEY = "x" }
    secret_versions = { OPENAI_API_KEY = 0 }
    settings        = { AUTH_MODE = "local" }
    overrides       = { nobody = { memory = "1Gi" } }
    firestore       = { daily_backups_kept_days = 99 }
    tasks_queue     = { per_second = 0 }
    load_balancer   = { enabled = true }
  }

  expect_failures = [
    var.project_id, var.region, var.environment, var.redis_url, var.name, var.runtime, var.archive_object,
    var.app_check, var.labels, var.money, var.tracing, var.secret_values, var.secret_versions, var.settings, var.overrides,
    var.firestore, var.tasks_queue, var.load_balancer,
  ]
}

run "an_archive_that_is_none" {
  command = plan

  variables {
    archive        = "./versions.tf"
    archive_object = null
  }

  expect_failures = [var.archive]
}

run "a_model_that_does_not_fit_the_gpu" {
  command = plan

  variables {
    gpu = { enabled = true, accelerator = "nvidia-l4", model = "gemma-4-31b" }
  }

  expect_failures = [var.gpu]
}

run "a_region_without_that_gpu" {
  command = plan

  variables {
    region = "europe-west1"
    gpu    = { enabled = true, accelerator = "nvidia-rtx-pro-6000", model = "gemma-4-31b" }
  }

  expect_failures = [var.gpu]
}

run "production_without_protection" {
  command = plan

  variables {
    environment  = "production"
    protect_data = false
  }

  expect_failures = [var.protect_data]
}

run "a_catalogue_that_is_none" {
  command = plan

  variables {
    catalog_file = "./versions.tf"
  }

  expect_failures = [var.catalog_file]
}

run "refuses_a_log_level_that_blinds_the_alerts" {
  command = plan
  variables {
    settings = { LOG_LEVEL = "WARNING" }
  }
  expect_failures = [var.settings]
}

run "refuses_gpu_settings_that_follow_from_the_plan" {
  command = plan
  variables {
    gpu = { enabled = true, settings = { MAX_NUM_SEQS = "4" } }
  }
  expect_failures = [var.gpu]
}
