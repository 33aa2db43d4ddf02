# Installations of different kinds: without and with the own model, with one address before all, with protected data.

variables {
  project_id     = "lyo-test"
  region         = "europe-west4"
  environment    = "development"
  redis_url      = "https://test.upstash.io"
  protect_data   = false
  archive_object = "lyo-0123456789abcdef.zip"
}

run "without_a_gpu_nothing_of_it_is_made" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_service.gpu) + length(google_compute_network.gpu) + length(google_compute_subnetwork.gpu) + length(google_storage_bucket_iam_member.gpu) + length(google_cloud_run_v2_service_iam_member.entry) == 0
    error_message = "something of the GPU service is left"
  }
  assert {
    condition = alltrue([
      for function in values(google_cloudfunctions2_function.function) :
      function.service_config[0].environment_variables["ENABLE_GPU_ACCELERATION"] == "false" && !contains(keys(function.service_config[0].environment_variables), "LOCAL_INFER_URL")
    ])
    error_message = "a function looks for a GPU that is not there"
  }
  assert {
    condition     = length(google_compute_url_map.https) == 0 && output.base_url == null && google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["TRUSTED_PROXIES"] == "1"
    error_message = "something of the load balancer is left"
  }
  assert {
    condition     = output.routes["/api/v1/ai/jobs"] == output.urls.ops && output.routes["/api/v1/ai/mentor"] == output.urls.mentor
    error_message = "people's paths of a private entry must lead to its front"
  }
}

run "the_gpu_service_is_what_its_plan_says" {
  command = plan

  variables {
    gpu = { enabled = true, accelerator = "nvidia-l4", model = "gemma-4-e4b-w4a16", max_instances = 2, startup_seconds = 1800 }
  }

  assert {
    condition = alltrue([
      google_cloud_run_v2_service.gpu[0].template[0].node_selector[0].accelerator == "nvidia-l4",
      google_cloud_run_v2_service.gpu[0].template[0].gpu_zonal_redundancy_disabled,
      google_cloud_run_v2_service.gpu[0].template[0].containers[0].resources[0].limits["nvidia.com/gpu"] == "1",
      google_cloud_run_v2_service.gpu[0].template[0].containers[0].resources[0].cpu_idle == false,
      google_cloud_run_v2_service.gpu[0].template[0].max_instance_request_concurrency == jsondecode(file("../gpu_service/plans.json")).plans["nvidia-l4/gemma-4-e4b-w4a16"].max_num_seqs,
      google_cloud_run_v2_service.gpu[0].template[0].containers[0].resources[0].limits["memory"] == jsondecode(file("../gpu_service/plans.json")).plans["nvidia-l4/gemma-4-e4b-w4a16"].memory,
      google_cloud_run_v2_service.gpu[0].template[0].scaling[0].min_instance_count == 0,
      google_cloud_run_v2_service.gpu[0].template[0].scaling[0].max_instance_count == 2,
    ])
    error_message = "the GPU service is not what was asked for"
  }
  assert {
    condition     = google_cloud_run_v2_service.gpu[0].template[0].containers[0].startup_probe[0].failure_threshold * google_cloud_run_v2_service.gpu[0].template[0].containers[0].startup_probe[0].period_seconds == 1800 && google_cloud_run_v2_service.gpu[0].template[0].containers[0].startup_probe[0].http_get[0].path == "/health"
    error_message = "the model has not the time that was given to load"
  }
  assert {
    condition = toset([for variable in google_cloud_run_v2_service.gpu[0].template[0].containers[0].env : "${variable.name}=${variable.value}"]) == toset([
      "GCP_PROJECT_ID=lyo-test", "GPU_HARDWARE=nvidia-l4", "GPU_MODEL=gemma-4-e4b-w4a16", "MODEL_SOURCE=gs://lyo-test-lyo-weights/gemma-4-e4b-w4a16",
    ])
    error_message = "the GPU service is told something else"
  }
  assert {
    condition     = google_cloud_run_v2_service.gpu[0].template[0].vpc_access[0].egress == "ALL_TRAFFIC" && google_compute_subnetwork.gpu[0].private_ip_google_access
    error_message = "weights do not come over the internal network"
  }
  assert {
    condition = alltrue([
      google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["LOCAL_INFER_URL"] == "${output.gpu_url}/v1",
      google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["LOCAL_INFER_AUDIENCE"] == output.gpu_url,
      google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["LOCAL_INFER_SCALES_TO_ZERO"] == "true",
      google_cloudfunctions2_function.function["mentor"].service_config[0].environment_variables["ENABLE_GPU_ACCELERATION"] == "true",
    ])
    error_message = "mentor is not told of the GPU service"
  }
}

run "one_address_before_all" {
  command = plan

  variables {
    load_balancer = { enabled = true, domains = ["api.example.com"], requests_per_minute = 300 }
  }

  assert {
    condition     = toset(flatten([for rule in google_compute_url_map.https[0].path_matcher[0].path_rule : tolist(rule.paths)])) == toset(flatten([for path in keys(local.fronts) : [path, "${path}/*"]])) && contains(keys(local.fronts), "/api/v1/ai/jobs") && local.fronts["/api/v1/ai/jobs"] == "ops"
    error_message = "the URL map does not have every path of the catalogue, or sends a private one somewhere else than to its front"
  }
  assert {
    condition     = toset(keys(google_compute_region_network_endpoint_group.entry)) == toset([for name, entry in local.entries : name if entry.public])
    error_message = "the load balancer reaches a private entry"
  }
  assert {
    condition = alltrue([
      for name, entry in local.functions :
      google_cloudfunctions2_function.function[name].service_config[0].ingress_settings == (entry.public ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY")
      && google_cloudfunctions2_function.function[name].service_config[0].environment_variables["TRUSTED_PROXIES"] == "2"
    ])
    error_message = "a function can be reached past the load balancer, or believes the wrong hop"
  }
  assert {
    condition = alltrue([
      google_compute_url_map.http[0].default_url_redirect[0].https_redirect,
      google_compute_ssl_policy.edge[0].min_tls_version == "TLS_1_2",
      google_compute_managed_ssl_certificate.edge[0].managed[0].domains == tolist(["api.example.com"]),
      output.base_url == "https://api.example.com",
    ])
    error_message = "plain HTTP is served, or the certificate is another"
  }
  assert {
    condition     = [for rule in google_compute_security_policy.edge[0].rule : rule.rate_limit_options[0].rate_limit_threshold[0].count if rule.action == "throttle"] == [300] && anytrue([for rule in google_compute_security_policy.edge[0].rule : rule.description == "cve-canary" && rule.action == "deny(403)"])
    error_message = "Cloud Armor does not limit the rate or know the rules"
  }
}

run "protected_data_outlives_a_destroy" {
  command = plan

  variables {
    environment  = "production"
    protect_data = true
  }

  assert {
    condition = alltrue([
      google_firestore_database.main.delete_protection_state == "DELETE_PROTECTION_ENABLED",
      google_firestore_database.main.deletion_policy == "ABANDON",
      google_firestore_database.main.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED",
      google_firestore_backup_schedule.daily[0].retention == "604800s",
      google_firestore_backup_schedule.weekly[0].retention == "4838400s",
    ])
    error_message = "the database is not protected, or not backed up"
  }
  assert {
    condition     = toset([for purpose, bucket in google_storage_bucket.bucket : purpose if bucket.deletion_policy == "ABANDON" && !bucket.force_destroy]) == toset(["adapters", "datasets"])
    error_message = "the buckets that hold data are not protected"
  }
}

run "the_database_has_exactly_what_the_code_declares" {
  command = plan

  assert {
    condition     = length(google_firestore_index.composite) == sum([for declared in values(jsondecode(file("./firestore.json")).collections) : length(declared.composite)])
    error_message = "an index of firestore.json is missing"
  }
  assert {
    condition     = toset(keys(google_firestore_field.expiry)) == toset(keys(jsondecode(file("./firestore.json")).collections)) && alltrue([for field in values(google_firestore_field.expiry) : field.field == "ttl" && length(field.ttl_config) == 1])
    error_message = "a collection does not expire"
  }
  assert {
    condition     = alltrue([for field in values(google_firestore_field.unindexed) : field.field == "*" && length(field.index_config[0].indexes) == 0])
    error_message = "fields are indexed that nobody asked for"
  }
}
