# The monitoring module by itself: what it makes, of what, and what it refuses.

variables {
  project_id  = "acme-test-1"
  region      = "europe-west4"
  name        = "lyo"
  environment = "production"
  functions = {
    mentor = { service = "lyo-mentor", public = true, paths = ["/api/v1/ai/mentor"] }
    ops    = { service = "lyo-ops", public = true, paths = ["/health"] }
    jobs   = { service = "lyo-jobs", public = false, paths = ["/api/v1/ai/jobs"] }
  }
  gpu_service  = "lyo-gpu"
  tasks_queue  = "lyo-jobs"
  hosts        = { ops = "lyo-ops-123.europe-west4.run.app" }
  alert_emails = ["one@acme.example", "two@acme.example"]
}

run "watches_everything" {
  command = plan
  module {
    source = "./monitoring"
  }

  assert {
    condition = toset(concat(
      keys(google_monitoring_alert_policy.counted),
      keys(google_monitoring_alert_policy.sampled),
    )) == toset(["response_time", "cache_hit_rate", "gpu_utilization", "memory", "error_rate", "cost_per_request"])
    error_message = "the contract's six alerts, and nothing else, come from alerts.json"
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.queue)) == toset(["queue_depth", "queue_delay"])
    error_message = "the queue is watched by depth and by delay"
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.line)) == toset(["container_failed", "schedule_failed", "custom_rule"])
    error_message = "single lines that are told at once"
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.burn)) == toset(["availability_fast", "availability_slow", "latency_fast", "latency_slow"])
    error_message = "each objective has a fast and a slow burn alert"
  }
  assert {
    condition = alltrue([
      for policy in concat(
        values(google_monitoring_alert_policy.counted), values(google_monitoring_alert_policy.sampled),
        values(google_monitoring_alert_policy.queue), values(google_monitoring_alert_policy.line),
        values(google_monitoring_alert_policy.burn), google_monitoring_alert_policy.uptime,
      ) : length(policy.documentation[0].content) > 60 && policy.enabled && contains(["CRITICAL", "ERROR", "WARNING"], policy.severity)
    ])
    error_message = "every policy is on, has a severity and says in words what to do"
  }
  assert {
    condition = alltrue([
      for policy in concat(
        values(google_monitoring_alert_policy.counted), values(google_monitoring_alert_policy.sampled),
        values(google_monitoring_alert_policy.queue), values(google_monitoring_alert_policy.line),
        values(google_monitoring_alert_policy.burn), google_monitoring_alert_policy.uptime,
      ) : can(regex("^[0-9]+s$", policy.alert_strategy[0].auto_close)) && parseint(trimsuffix(policy.alert_strategy[0].auto_close, "s"), 10) >= 1800
    ])
    error_message = "incidents close themselves, after half an hour at the earliest (Google's least)"
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.line : length(policy.alert_strategy[0].notification_rate_limit) == 1])
    error_message = "a policy on lines needs a rate limit: a thousand lines would be a thousand mails"
  }
}

run "labels_are_few" {
  command = plan
  module {
    source = "./monitoring"
  }

  assert {
    condition = alltrue([
      for metric in google_logging_metric.this :
      length(setsubtract(keys(coalesce(metric.label_extractors, {})), ["agent", "model", "outcome", "cache", "rule", "event", "severity"])) == 0
    ])
    error_message = "a label may only be one of few words: each value is a time series"
  }
  assert {
    condition = alltrue([
      for metric in google_logging_metric.this :
      toset(metric.metric_descriptor[0].labels[*].key) == toset(keys(coalesce(metric.label_extractors, {})))
    ])
    error_message = "each label has its extractor and the other way round: Google refuses anything else"
  }
  assert {
    condition = alltrue([
      for metric in google_logging_metric.this : strcontains(metric.filter, "\"lyo-mentor\"") && strcontains(metric.filter, "\"lyo-jobs\"") && strcontains(metric.filter, "\"lyo-ops\"")
    ])
    error_message = "lines are counted of every function, and of no other installation's"
  }
}

run "conditions_ask_what_they_should" {
  command = plan
  module {
    source = "./monitoring"
  }

  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.counted : policy.conditions[0].condition_prometheus_query_language[0].disable_metric_validation
    ])
    error_message = "at the first apply no line has been counted: a policy that wants its metric to exist would be refused"
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.sampled["gpu_utilization"].conditions[0].condition_threshold[0].filter, "run.googleapis.com/container/gpu/utilizations")
    error_message = "the GPU is watched by Cloud Run's own metric"
  }
  assert {
    condition = (
      google_monitoring_alert_policy.sampled["memory"].conditions[0].condition_threshold[0].threshold_value == 0.85 &&
      google_monitoring_alert_policy.sampled["gpu_utilization"].conditions[0].condition_threshold[0].threshold_value == 0.9
    )
    error_message = "shares, as Cloud Run gives them"
  }
  assert {
    condition = alltrue([
      for policy in google_monitoring_alert_policy.burn : policy.combiner == "AND" && length(policy.conditions) == 3
    ])
    error_message = "a burn alert wants both windows and enough requests"
  }
  assert {
    condition = alltrue([
      for service in ["lyo-ops", "lyo-jobs", "lyo-gpu"] : !strcontains(google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].total_service_filter, service)
    ])
    error_message = "the promise is about what people call"
  }
  assert {
    condition     = google_monitoring_slo.latency.request_based_sli[0].distribution_cut[0].range[0].max == 5000
    error_message = "the response time metric counts milliseconds"
  }
  assert {
    condition = (
      google_monitoring_uptime_check_config.health[0].monitored_resource[0].labels["host"] == "lyo-ops-123.europe-west4.run.app" &&
      google_monitoring_uptime_check_config.health[0].http_check[0].validate_ssl
    )
    error_message = "without a load balancer ops answers the uptime check"
  }
}

run "names_what_it_made" {
  module {
    source = "./monitoring"
  }

  assert {
    condition     = length(output.alert_policies) == 16 && length(distinct(values(output.alert_policies))) == 16
    error_message = "16 policies, each named once"
  }
  assert {
    condition     = length(output.notification_channels) == 2 && output.dashboard != null && output.uptime_check != null
    error_message = "channels, dashboard and uptime check are told"
  }
  assert {
    condition = alltrue([
      for key, policy in google_monitoring_alert_policy.burn :
      length([for each in policy.conditions : each if strcontains(each.condition_threshold[0].filter, output.slos[split("_", key)[0]])]) == 2
    ])
    error_message = "each burn alert asks its own objective, in two windows"
  }
  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.this[0].dashboard_json).mosaicLayout.tiles : tile.xPos + tile.width <= 48
    ])
    error_message = "no chart stands outside of the dashboard"
  }
}

run "behind_a_load_balancer" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    host = "api.acme.example"
  }

  assert {
    condition     = google_monitoring_uptime_check_config.health[0].monitored_resource[0].labels["host"] == "api.acme.example"
    error_message = "what learners reach is asked"
  }
}

run "without_gpu" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    gpu_service = null
  }

  assert {
    condition     = keys(google_monitoring_alert_policy.sampled) == ["memory"]
    error_message = "no GPU, no alert on one"
  }
}

run "quiet" {
  module {
    source = "./monitoring"
  }
  variables {
    alert_emails      = []
    alerts_enabled    = false
    uptime_enabled    = false
    dashboard_enabled = false
    gpu_service       = null
  }

  assert {
    condition = (
      length(google_monitoring_notification_channel.email) == 0 && length(google_monitoring_uptime_check_config.health) == 0 &&
      length(google_monitoring_dashboard.this) == 0 && length(google_billing_budget.this) == 0
    )
    error_message = "what is off is not there"
  }
  assert {
    condition     = length([for policy in google_monitoring_alert_policy.counted : policy if policy.enabled]) == 0
    error_message = "alerts_enabled = false silences and keeps"
  }
}

run "budget" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    budget = { billing_account = "012345-6789AB-CDEF01", amount = 200, currency = "EUR", thresholds = [0.5, 1] }
  }

  assert {
    condition = (
      google_billing_budget.this[0].amount[0].specified_amount[0].units == "200" &&
      google_billing_budget.this[0].amount[0].specified_amount[0].currency_code == "EUR" &&
      length(google_billing_budget.this[0].threshold_rules) == 3
    )
    error_message = "two shares of what was spent, and one word ahead of it"
  }
}

run "cost_bound_of_this_installation" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    cost_per_request_usd = 0.5
  }

  assert {
    condition     = strcontains(google_monitoring_alert_policy.counted["cost_per_request"].conditions[0].condition_prometheus_query_language[0].query, "> 0.5\n")
    error_message = "ALERT_COST_PER_REQUEST and the policy are one number"
  }
}

run "refuses_what_cannot_be" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    project_id           = "Bad Project"
    region               = "Frankfurt"
    name                 = "Lyo AI"
    environment          = "prod"
    host                 = "https://api.acme.example"
    hosts                = { ops = "https://lyo-ops" }
    alert_emails         = ["nobody"]
    cost_per_request_usd = 0
  }

  expect_failures = [
    var.project_id, var.region, var.name, var.environment, var.host, var.hosts, var.alert_emails, var.cost_per_request_usd,
  ]
}

run "wants_a_host_to_ask" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    hosts = {}
  }

  expect_failures = [google_monitoring_uptime_check_config.health]
}

run "refuses_a_fleet_without_ops" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    functions = { mentor = { service = "lyo-mentor", public = true, paths = [] } }
  }

  expect_failures = [var.functions]
}

run "refuses_a_fleet_that_serves_nobody" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    functions = { ops = { service = "lyo-ops", public = true, paths = [] } }
  }

  expect_failures = [var.functions]
}

run "refuses_an_address_twice" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    alert_emails = ["one@acme.example", "one@acme.example"]
  }

  expect_failures = [var.alert_emails]
}

run "refuses_a_promise_that_no_alert_can_watch" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    slo = { availability = 0.9 }
  }

  expect_failures = [var.slo]
}

run "refuses_a_limit_between_two_buckets" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    slo = { latency_seconds = 4 }
  }

  expect_failures = [var.slo]
}

run "refuses_more_days_than_google_counts" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    slo = { days = 31 }
  }

  expect_failures = [var.slo]
}

run "refuses_a_budget_of_nothing" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    budget = { amount = 0 }
  }

  expect_failures = [var.budget]
}

run "refuses_a_budget_without_thresholds" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    budget = { thresholds = [] }
  }

  expect_failures = [var.budget]
}

run "refuses_a_budget_in_no_currency" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    budget = { currency = "euro" }
  }

  expect_failures = [var.budget]
}

run "refuses_a_budget_of_no_account" {
  command = plan
  module {
    source = "./monitoring"
  }
  variables {
    budget = { billing_account = "mine" }
  }

  expect_failures = [var.budget]
}
