locals {
  tiles = [
    for tile in yamldecode(templatefile("${path.module}/dashboard.yaml.tftpl", local.query_names)) :
    tile if var.gpu_service != null || !try(tile.gpu, false)
  ]

  tile_width  = 16 # of 48 columns
  tile_height = 12

  charts = [
    for tile in local.tiles : {
      title = tile.title
      xyChart = {
        dataSets = [
          for name, query in tile.series : {
            plotType       = "LINE"
            targetAxis     = "Y1"
            legendTemplate = length(tile.series) > 1 ? name : ""
            timeSeriesQuery = {
              prometheusQuery = query
              unitOverride    = tile.unit
            }
          }
        ]
        yAxis = { scale = "LINEAR" }
      }
    }
  ]

  # What Cloud Run samples of the GPU is read by aligners, not PromQL, for the reason given in rules.tf.
  gpu_charts = var.gpu_service == null ? [] : [
    for title, metric in {
      "GPU utilisation" = "run.googleapis.com/container/gpu/utilizations"
      "GPU memory"      = "run.googleapis.com/container/gpu/memory_utilizations"
      } : {
      title = title
      xyChart = {
        dataSets = [
          for name, aligner in { median = "ALIGN_PERCENTILE_50", "99th percentile" = "ALIGN_PERCENTILE_99" } : {
            plotType                    = "LINE"
            targetAxis                  = "Y1"
            legendTemplate              = name
            timeSeriesQuery = {
              timeSeriesFilter = {
                filter = "metric.type=\"${metric}\" resource.type=\"cloud_run_revision\" resource.labels.service_name=\"${var.gpu_service}\""
                aggregation = {
                  alignmentPeriod    = "60s"
                  perSeriesAligner   = aligner
                  crossSeriesReducer = "REDUCE_MAX"
                  groupByFields      = ["resource.label.service_name"]
                }
              }
            }
          }
        ]
        yAxis = { scale = "LINEAR" }
      }
    }
  ]

  widgets = concat(
    local.charts,
    local.gpu_charts,
    [
      {
        title = "Open incidents"
        incidentList = {
          policyNames = concat(
            [for policy in google_monitoring_alert_policy.counted : policy.name],
            [for policy in google_monitoring_alert_policy.sampled : policy.name],
            [for policy in google_monitoring_alert_policy.burn : policy.name],
            google_monitoring_alert_policy.uptime[*].name,
          )
        }
      },
      {
        title = "Warnings and errors"
        logsPanel = {
          filter        = "${local.our_services}\nseverity>=WARNING"
          resourceNames = ["projects/${var.project_id}"]
        }
      },
    ],
  )

  dashboard = {
    displayName = local.title
    labels      = { installation = var.name }
    mosaicLayout = {
      columns = 48
      tiles = [
        for index, widget in local.widgets : {
          xPos   = index % 3 * local.tile_width
          yPos   = floor(index / 3) * local.tile_height
          width  = local.tile_width
          height = local.tile_height
          widget = widget
        }
      ]
    }
  }
}

resource "google_monitoring_dashboard" "this" {
  count          = var.dashboard_enabled ? 1 : 0
  project        = var.project_id
  dashboard_json = jsonencode(local.dashboard)
}
