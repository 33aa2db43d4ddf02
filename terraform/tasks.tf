locals {
  queue = "projects/${var.project_id}/locations/${google_cloud_tasks_queue.jobs.location}/queues/${google_cloud_tasks_queue.jobs.name}"
}

resource "google_cloud_tasks_queue" "jobs" {
  name     = coalesce(var.tasks_queue.name, "${var.name}-jobs")
  location = var.region

  rate_limits {
    max_dispatches_per_second = var.tasks_queue.per_second
    max_concurrent_dispatches = var.tasks_queue.concurrent
  }

  # Without end: attempts are counted in the job itself, which answers 200 when it has given up (a dead letter). A queue that
  # gave up first would lose jobs that were only told to come again.
  retry_config {
    max_attempts       = -1
    max_retry_duration = "0s"
    min_backoff        = var.tasks_queue.first_retry
    max_backoff        = var.tasks_queue.longest_retry
    max_doublings      = var.tasks_queue.retry_doubling
  }

  stackdriver_logging_config {
    sampling_ratio = var.tasks_queue.logged
  }

  depends_on = [time_sleep.apis]
}
