# Who may do what. Nothing here is granted on the project where a narrower place exists; what must be is conditioned.

locals {
  # What a capability of the catalogue (`roles`) means. `on`: the kind of thing, `what`: which one, `only`: IAM condition.
  capabilities = {
    store = [{ on = "project", what = var.project_id, role = "roles/datastore.user", only = local.this_database }]

    coordination = [
      for setting, capability in local.secrets :
      { on = "secret", what = setting, role = "roles/secretmanager.secretAccessor", only = null } if capability == "coordination"
    ]
    secrets = [
      for setting, capability in local.secrets :
      { on = "secret", what = setting, role = "roles/secretmanager.secretAccessor", only = null } if capability == "secrets"
    ]
    tasks = [
      { on = "queue", what = "jobs", role = "roles/cloudtasks.enqueuer", only = null },
      { on = "account", what = "tasks", role = "roles/iam.serviceAccountUser", only = null }, # tasks carry that account's token
    ]
    gpu     = var.gpu.enabled ? [{ on = "service", what = "gpu", role = "roles/run.invoker", only = null }] : []
    tuning  = [{ on = "project", what = var.project_id, role = "roles/aiplatform.user", only = null }]
    storage = [for bucket in ["datasets", "adapters"] : { on = "bucket", what = bucket, role = "roles/storage.objectUser", only = null }]

    # Every entry's, where spans are sent to Google. Logs and Cloud Run's own metrics need no right.
    tracing = try(endswith(var.tracing.endpoint, ".googleapis.com"), false) ? [
      { on = "project", what = var.project_id, role = "roles/telemetry.tracesWriter", only = null }
    ] : []
  }
  this_database = "resource.name == \"projects/${var.project_id}/databases/${var.firestore.database}\""

  grants = merge(flatten([
    for name, entry in local.entries : [
      for capability in concat(entry.roles, ["tracing"]) : {
        for grant in local.capabilities[capability] : "${name}/${grant.on}/${grant.what}/${trimprefix(grant.role, "roles/")}" => merge(grant, { entry = name })
      }
    ]
  ])...)
  grants_on = {
    for kind in ["project", "secret", "queue", "account", "service", "bucket"] : kind => {
      for key, grant in local.grants : key => grant if grant.on == kind
    }
  }

  system_accounts = merge(
    {
      build     = "Builds functions out of the source archive"
      tasks     = "Its token is what Cloud Tasks sends"
      scheduler = "Its token is what Cloud Scheduler sends"
    },
    var.gpu.enabled ? { gpu = "Runs the GPU service" } : {},
  )

  # Names that no catalogue entry can have: services and accounts of our own have them.
  taken = ["build", "deployer", "gpu", "scheduler", "tasks"]
}

resource "google_service_account" "entry" {
  for_each = local.entries

  account_id   = local.services[each.key]
  display_name = "Runs ${each.key}"
  description  = each.value.description

  depends_on = [time_sleep.apis]
}

resource "google_service_account" "system" {
  for_each = local.system_accounts

  account_id   = "${var.name}-${each.key}"
  display_name = each.value

  depends_on = [time_sleep.apis]
}

resource "google_project_iam_member" "entry" {
  for_each = local.grants_on["project"]

  project = each.value.what
  role    = each.value.role
  member  = google_service_account.entry[each.value.entry].member

  dynamic "condition" {
    for_each = each.value.only == null ? [] : [each.value.only]
    content {
      title      = "this-installation"
      expression = condition.value
    }
  }
}

resource "google_secret_manager_secret_iam_member" "entry" {
  for_each = local.grants_on["secret"]

  secret_id = google_secret_manager_secret.secret[each.value.what].id
  role      = each.value.role
  member    = google_service_account.entry[each.value.entry].member
}

resource "google_cloud_tasks_queue_iam_member" "entry" {
  for_each = local.grants_on["queue"]

  name     = google_cloud_tasks_queue.jobs.name
  location = google_cloud_tasks_queue.jobs.location
  role     = each.value.role
  member   = google_service_account.entry[each.value.entry].member
}

resource "google_service_account_iam_member" "entry" {
  for_each = local.grants_on["account"]

  service_account_id = google_service_account.system[each.value.what].name
  role               = each.value.role
  member             = google_service_account.entry[each.value.entry].member
}

resource "google_cloud_run_v2_service_iam_member" "entry" {
  for_each = local.grants_on["service"]

  name     = google_cloud_run_v2_service.gpu[0].name
  location = var.region
  role     = each.value.role
  member   = google_service_account.entry[each.value.entry].member
}

resource "google_storage_bucket_iam_member" "entry" {
  for_each = local.grants_on["bucket"]

  bucket = google_storage_bucket.bucket[each.value.what].name
  role   = each.value.role
  member = google_service_account.entry[each.value.entry].member
}

# Anybody may reach what the catalogue calls public: phones have no Google identity. Such an entry checks every token itself.
resource "google_cloud_run_v2_service_iam_member" "public" {
  for_each = toset([for name, entry in local.entries : name if entry.public])

  name     = local.deployed[each.key]
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

# Google itself refuses everyone but these at a private entry.
resource "google_cloud_run_v2_service_iam_member" "caller" {
  for_each = merge([
    for name, accounts in local.callers : { for account in accounts : "${name}/${account}" => { entry = name, account = account } }
    if !local.entries[name].public
  ]...)

  name     = local.deployed[each.value.entry]
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.system[each.value.account].member
}

locals {
  deployed = merge(
    { for name, function in google_cloudfunctions2_function.function : name => function.name },
    { for name, service in google_cloud_run_v2_service.container : name => service.name },
  )
}

# The build account: writes images and build logs, reads archives (Google copies ours into a bucket of its own first).
resource "google_artifact_registry_repository_iam_member" "build" {
  repository = google_artifact_registry_repository.images.name
  location   = google_artifact_registry_repository.images.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.system["build"].member
}

resource "google_project_iam_member" "build_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = google_service_account.system["build"].member
}

resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.system["build"].member

  condition {
    title = "source-archives"
    expression = join(" || ", [
      for bucket in [google_storage_bucket.bucket["source"].name, "gcf-v2-sources-${data.google_project.this.number}-${var.region}"] :
      "resource.name.startsWith(\"projects/_/buckets/${bucket}\")"
    ])
  }
}

# A right takes up to a minute or two to be known everywhere.
resource "time_sleep" "rights" {
  create_duration = "90s"
  triggers        = { rights = sha256(join(" ", concat(keys(local.grants), keys(local.system_accounts)))) }

  depends_on = [
    google_artifact_registry_repository_iam_member.build,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_source,
    google_project_iam_member.entry,
    google_secret_manager_secret_iam_member.entry,
  ]
}
