# Who may do what: exactly that, and nobody else (T47).

variables {
  project_id     = "lyo-test"
  region         = "europe-west4"
  environment    = "development"
  redis_url      = "https://test.upstash.io"
  protect_data   = false
  archive_object = "lyo-0123456789abcdef.zip"
}

run "t47_only_what_the_catalogue_calls_public_is_open" {
  command = plan

  variables {
    gpu = { enabled = true }
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.public)) == toset([for entry in yamldecode(file("../functions/catalog.yaml")).functions : entry.name if entry.public])
    error_message = "open to all: ${join(" ", keys(google_cloud_run_v2_service_iam_member.public))}"
  }
  assert {
    # Every way to invoke there is, whoever made it: allUsers and allAuthenticatedUsers at public services alone.
    condition = alltrue([
      for grant in concat(values(google_cloud_run_v2_service_iam_member.public), values(google_cloud_run_v2_service_iam_member.caller), values(google_cloud_run_v2_service_iam_member.entry)) :
      !startswith(grant.member, "all") || contains([for entry in yamldecode(file("../functions/catalog.yaml")).functions : "lyo-${entry.name}" if entry.public], grant.name)
    ])
    error_message = "somebody without an identity may invoke a private service"
  }
  assert {
    condition     = google_cloud_run_v2_service.gpu[0].invoker_iam_disabled != true && google_cloud_run_v2_service.gpu[0].iap_enabled != true
    error_message = "the GPU service does not check who calls"
  }
  assert {
    condition = toset([for grant in values(google_cloud_run_v2_service_iam_member.entry) : grant.member]) == toset([
      for entry in yamldecode(file("../functions/catalog.yaml")).functions : "serviceAccount:lyo-${entry.name}@lyo-test.iam.gserviceaccount.com" if contains(entry.roles, "gpu")
    ])
    error_message = "the GPU service is called by others than those with the capability `gpu`"
  }
  assert {
    condition = alltrue([
      for entry in yamldecode(file("../functions/catalog.yaml")).functions :
      google_cloudfunctions2_function.function[entry.name].service_config[0].ingress_settings == (entry.public ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY") if entry.service == "function"
    ])
    error_message = "a private function can be reached from the internet"
  }
  assert {
    condition     = [for grant in values(google_cloud_run_v2_service_iam_member.caller) : "${grant.name} ${grant.member}" if grant.name == "lyo-jobs"] == ["lyo-jobs serviceAccount:lyo-tasks@lyo-test.iam.gserviceaccount.com"]
    error_message = "jobs is called by others than Cloud Tasks' account"
  }
}

run "t47_private_entries_and_containers_have_their_callers_alone" {
  command = plan

  variables {
    catalog_file = "./tests/catalog.yaml"
  }

  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.public)) == toset(["live", "mentor", "ops"])
    error_message = "open to all: ${join(" ", keys(google_cloud_run_v2_service_iam_member.public))}"
  }
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.caller)) == toset(["jobs/tasks", "nightly/scheduler"])
    error_message = "callers: ${join(" ", keys(google_cloud_run_v2_service_iam_member.caller))}"
  }
  assert {
    condition     = google_cloud_run_v2_service.container["live"].invoker_iam_disabled != true
    error_message = "the container does not check who calls"
  }
  assert {
    condition = alltrue([
      google_cloudfunctions2_function.function["jobs"].service_config[0].environment_variables["PLATFORM_CHECKS_IDENTITY"] == "true",
      google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["PLATFORM_CHECKS_IDENTITY"] == "false",
      google_cloudfunctions2_function.function["jobs"].service_config[0].environment_variables["SERVICE_ACCOUNTS"] == "lyo-tasks@lyo-test.iam.gserviceaccount.com",
      google_cloudfunctions2_function.function["ops"].service_config[0].environment_variables["SERVICE_ACCOUNTS"] == "lyo-scheduler@lyo-test.iam.gserviceaccount.com",
      !contains(keys(google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables), "SERVICE_ACCOUNTS"),
    ])
    error_message = "a function believes others than its callers, or believes Google where Google has not checked"
  }
}

run "each_account_has_exactly_its_roles" {
  command = plan

  variables {
    catalog_file = "./tests/catalog.yaml"
    gpu          = { enabled = true }
  }

  assert {
    condition = toset([for grant in values(google_project_iam_member.entry) : "${grant.member} ${grant.role}"]) == toset([
      for name, role in {
        mentor-store = "mentor roles/datastore.user", ops-store = "ops roles/datastore.user", jobs-store = "jobs roles/datastore.user",
        tuning       = "nightly roles/aiplatform.user",
        t1           = "mentor roles/telemetry.tracesWriter", t2 = "ops roles/telemetry.tracesWriter", t3 = "jobs roles/telemetry.tracesWriter",
        t4           = "nightly roles/telemetry.tracesWriter", t5 = "live roles/telemetry.tracesWriter",
      } : "serviceAccount:lyo-${split(" ", role)[0]}@lyo-test.iam.gserviceaccount.com ${split(" ", role)[1]}"
    ])
    error_message = "roles on the project: ${join(", ", [for grant in values(google_project_iam_member.entry) : "${grant.member} ${grant.role}"])}"
  }
  assert {
    condition     = alltrue([for grant in values(google_project_iam_member.entry) : one(grant.condition[*].expression) == "resource.name == \"projects/lyo-test/databases/(default)\"" if grant.role == "roles/datastore.user"])
    error_message = "the right to the database is a right to every database of the project"
  }
  assert {
    condition = toset(keys(google_secret_manager_secret_iam_member.entry)) == toset([
      for pair in concat(
        [for entry in ["mentor", "ops", "jobs", "nightly", "live"] : [entry, "UPSTASH_REDIS_REST_TOKEN"]],
        setproduct(["mentor", "jobs"], ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_AI_API_KEY", "GEMMA_4_API_KEY", "ALERT_WEBHOOK_URL"]),
      ) : "${pair[0]}/secret/${pair[1]}/secretmanager.secretAccessor"
    ])
    error_message = "secrets: ${join(", ", keys(google_secret_manager_secret_iam_member.entry))}"
  }
  assert {
    condition     = toset(keys(google_cloud_tasks_queue_iam_member.entry)) == toset(["mentor/queue/jobs/cloudtasks.enqueuer", "jobs/queue/jobs/cloudtasks.enqueuer"]) && toset(keys(google_service_account_iam_member.entry)) == toset(["mentor/account/tasks/iam.serviceAccountUser", "jobs/account/tasks/iam.serviceAccountUser"])
    error_message = "others than those with the capability `tasks` may enqueue or act as Cloud Tasks' account"
  }
  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.entry)) == toset(["nightly/bucket/datasets/storage.objectUser", "nightly/bucket/adapters/storage.objectUser"])
    error_message = "buckets: ${join(", ", keys(google_storage_bucket_iam_member.entry))}"
  }
  assert {
    condition     = keys(google_cloud_run_v2_service_iam_member.entry) == ["mentor/service/gpu/run.invoker"]
    error_message = "callers of the GPU: ${join(", ", keys(google_cloud_run_v2_service_iam_member.entry))}"
  }
  assert {
    condition     = toset([for bucket, grant in google_storage_bucket_iam_member.gpu : "${bucket} ${grant.role}"]) == toset(["weights roles/storage.objectViewer", "adapters roles/storage.objectViewer"])
    error_message = "the GPU service has other rights than to read weights and adapters"
  }
  assert {
    condition     = toset([google_project_iam_member.build_logs.role, google_project_iam_member.build_source.role, google_artifact_registry_repository_iam_member.build.role]) == toset(["roles/logging.logWriter", "roles/storage.objectViewer", "roles/artifactregistry.writer"]) && !strcontains(google_project_iam_member.build_source.condition[0].expression, "datasets")
    error_message = "builds have other rights than to read archives, write images and log"
  }
  assert {
    condition     = alltrue([for bucket in values(google_storage_bucket.bucket) : bucket.public_access_prevention == "enforced" && bucket.uniform_bucket_level_access])
    error_message = "a bucket could be made public"
  }
}

run "functions_see_the_secrets_of_their_capabilities_at_a_pinned_version" {
  command = plan

  variables {
    catalog_file = "./tests/catalog.yaml"
  }

  assert {
    condition     = toset(google_cloudfunctions2_function.function["ops"].service_config[0].secret_environment_variables[*].key) == toset(["UPSTASH_REDIS_REST_TOKEN"])
    error_message = "ops sees other secrets than Redis' token"
  }
  assert {
    condition     = length(google_cloudfunctions2_function.function["mentor"].service_config[0].secret_environment_variables) == 6
    error_message = "mentor does not see its six secrets"
  }
}
