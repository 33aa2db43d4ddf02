# The cloud's whole bill. What models may cost is capped elsewhere, before it is spent (AI_DAILY_COST_LIMIT); a budget only tells.

locals {
  budgeted = var.budget.billing_account == null ? 0 : 1
}

# Budgets are kept by project number; a filter by id comes back as the number and would differ at every plan.
data "google_project" "this" {
  count      = local.budgeted
  project_id = var.project_id
}

resource "google_billing_budget" "this" {
  count           = local.budgeted
  billing_account = var.budget.billing_account
  display_name    = local.title

  budget_filter {
    projects               = ["projects/${data.google_project.this[0].number}"]
    calendar_period        = "MONTH"
    credit_types_treatment = "INCLUDE_ALL_CREDITS"
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  dynamic "threshold_rules" {
    for_each = toset([for share in var.budget.thresholds : tostring(share)])
    content {
      threshold_percent = tonumber(threshold_rules.value)
      spend_basis       = "CURRENT_SPEND"
    }
  }

  # Heard of before the money is gone.
  threshold_rules {
    threshold_percent = 1
    spend_basis       = "FORECASTED_SPEND"
  }

  # Whoever pays the account is always told; five further channels are what Google takes.
  dynamic "all_updates_rule" {
    for_each = length(local.channels) == 0 ? [] : [slice(local.channels, 0, min(5, length(local.channels)))]
    content {
      monitoring_notification_channels = all_updates_rule.value
    }
  }
}
