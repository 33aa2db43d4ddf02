# Every catalogue entry is deployed, as the catalogue says.

variables {
  project_id   = "lyo-test"
  region       = "europe-west4"
  environment  = "development"
  redis_url    = "https://test.upstash.io"
  protect_data = false
}

run "every_entry_of_the_catalogue_is_deployed" {
  command = plan

  assert {
    condition     = toset(concat(keys(google_cloudfunctions2_function.function), keys(google_cloud_run_v2_service.container))) == toset(yamldecode(file("../functions/catalog.yaml")).functions[*].name)
    error_message = "deployed: ${join(" ", keys(google_cloudfunctions2_function.function))}"
  }
  assert {
    condition = alltrue([
      for entry in yamldecode(file("../functions/catalog.yaml")).functions : alltrue([
        google_cloudfunctions2_function.function[entry.name].service_config[0].available_memory == entry.memory,
        google_cloudfunctions2_function.function[entry.name].service_config[0].available_cpu == tostring(entry.cpu),
        google_cloudfunctions2_function.function[entry.name].service_config[0].max_instance_request_concurrency == entry.concurrency,
        google_cloudfunctions2_function.function[entry.name].service_config[0].timeout_seconds == entry.timeout,
        google_cloudfunctions2_function.function[entry.name].service_config[0].max_instance_count == entry.max_instances,
        google_cloudfunctions2_function.function[entry.name].build_config[0].entry_point == entry.name,
      ]) if entry.service == "function"
    ])
    error_message = "a function's size is not the catalogue's"
  }
  assert {
    # Names are the prefix and the catalogue's name: no random part, so a second installation of the same names is the same.
    condition     = alltrue([for name, function in google_cloudfunctions2_function.function : function.name == "lyo-${name}"])
    error_message = "a function's name is not lyo-NAME"
  }
  assert {
    condition     = can(regex("^lyo-[0-9a-f]{16}\\.zip$", google_storage_bucket_object.archive[0].name)) && alltrue([for function in values(google_cloudfunctions2_function.function) : function.build_config[0].source[0].storage_source[0].object == google_storage_bucket_object.archive[0].name])
    error_message = "functions are not all built from the one archive"
  }
  assert {
    condition     = toset(keys(google_cloud_scheduler_job.schedule)) == toset(flatten([for entry in yamldecode(file("../functions/catalog.yaml")).functions : [for schedule in entry.schedules : "${entry.name}-${schedule.name}"]]))
    error_message = "schedules: ${join(" ", keys(google_cloud_scheduler_job.schedule))}"
  }
}

run "an_entry_added_to_the_catalogue_deploys_itself" {
  command = plan

  variables {
    catalog_file   = "./tests/catalog.yaml"
    archive_object = "lyo-0123456789abcdef.zip"
    overrides      = { mentor = { memory = "2Gi", min_instances = 1 } }
  }

  assert {
    condition     = google_cloudfunctions2_function.function["nightly"].service_config[0].available_cpu == "2" && google_service_account.entry["nightly"].account_id == "lyo-nightly"
    error_message = "the function `nightly` was not deployed"
  }
  assert {
    condition = alltrue([
      google_cloud_run_v2_service.container["live"].template[0].max_instance_request_concurrency == 50,
      can(regex("^europe-west4-docker.pkg.dev/lyo-test/lyo/live:[0-9a-f]{16}$", google_cloud_run_v2_service.container["live"].template[0].containers[0].image)),
    ])
    error_message = "the container `live` was not deployed from its content-tagged image"
  }
  assert {
    condition     = google_cloud_scheduler_job.schedule["nightly-run"].http_target[0].oidc_token[0].audience == output.urls.nightly && google_cloud_scheduler_job.schedule["nightly-run"].schedule == "0 3 * * *"
    error_message = "the schedule of `nightly` was not made"
  }
  assert {
    condition     = google_cloudfunctions2_function.function["mentor"].service_config[0].available_memory == "2Gi" && google_cloudfunctions2_function.function["mentor"].service_config[0].min_instance_count == 1
    error_message = "overrides were not taken"
  }
  assert {
    # Rollback: nothing is packed, the named archive is deployed again.
    condition     = length(google_storage_bucket_object.archive) == 0 && google_cloudfunctions2_function.function["mentor"].build_config[0].source[0].storage_source[0].object == "lyo-0123456789abcdef.zip" && output.release == "lyo-0123456789abcdef"
    error_message = "archive_object was not deployed"
  }
}

run "background_work_is_retried_without_end" {
  command = plan

  variables {
    archive_object = "lyo-0123456789abcdef.zip"
  }

  assert {
    condition     = google_cloud_tasks_queue.jobs.retry_config[0].max_attempts == -1
    error_message = "the queue gives up"
  }
  assert {
    condition     = alltrue([for schedule in values(google_cloud_scheduler_job.schedule) : startswith(schedule.http_target[0].uri, "${schedule.http_target[0].oidc_token[0].audience}/") && schedule.http_target[0].http_method == "POST"])
    error_message = "a schedule's token is not for the function it calls"
  }
}
