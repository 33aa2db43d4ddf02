# The installation that learners use: warm mentor, the own Gemma, one address behind Cloud Armor, data that outlives a destroy.
project_id   = "lyo-prod"
region       = "europe-west4"
environment  = "production"
redis_url    = "https://lyo-prod.upstash.io"
protect_data = true
app_check    = "monitor"

money = { daily = 50, daily_per_learner = 1 }

overrides = {
  mentor = { min_instances = 1, max_instances = 100 }
}

gpu = {
  enabled       = true
  accelerator   = "nvidia-l4"
  model         = "gemma-4-e4b-w4a16"
  min_instances = 0
  max_instances = 3
}

load_balancer = {
  enabled = true
  domains = ["api.example.com"]
}

alert_emails = ["operators@example.com"]
