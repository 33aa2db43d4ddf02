# A development installation: scales to zero, no GPU, goes without a trace.
project_id   = "lyo-dev"
region       = "europe-west4"
environment  = "development"
redis_url    = "https://lyo-dev.upstash.io"
protect_data = false

money    = { daily = 5, daily_per_learner = 0.5 }
tracing  = { sample_ratio = 1 }
watching = { uptime = false }

firestore = {
  point_in_time_recovery  = false
  daily_backups_kept_days = 0
  weekly_backups_kept     = 0
}
