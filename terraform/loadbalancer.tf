# One HTTPS address for all functions (load_balancer.enabled). People's paths of a private entry lead to its `front`.

locals {
  balanced = var.load_balancer.enabled ? toset([for name, entry in local.entries : name if entry.public]) : []

  # Path prefix -> public entry. The URL map takes the longest that fits.
  fronts = merge([
    for name, entry in local.entries : { for path in entry.paths : path => entry.public ? name : entry.front }
    if entry.public || entry.front != null
  ]...)
}

resource "google_compute_region_network_endpoint_group" "entry" {
  for_each = local.balanced

  name                  = local.services[each.key]
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = local.deployed[each.key]
  }

  lifecycle {
    create_before_destroy = true # it goes after the URL map has let go of it
  }
}

resource "google_compute_backend_service" "entry" {
  for_each = local.balanced

  name                  = local.services[each.key]
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.edge[0].id

  backend {
    group = google_compute_region_network_endpoint_group.entry[each.key].id
  }

  log_config {
    enable      = true
    sample_rate = var.load_balancer.log_sample_rate
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_url_map" "https" {
  count = var.load_balancer.enabled ? 1 : 0

  name            = var.name
  default_service = google_compute_backend_service.entry["ops"].id # answers 404 for what nobody serves

  host_rule {
    hosts        = var.load_balancer.domains
    path_matcher = "functions"
  }

  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.entry["ops"].id

    dynamic "path_rule" {
      for_each = local.fronts
      content {
        paths   = [path_rule.key, "${path_rule.key}/*"]
        service = google_compute_backend_service.entry[path_rule.value].id
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "edge" {
  count = var.load_balancer.enabled ? 1 : 0

  # Another set of domains is another certificate, made before the old one goes.
  name = "${var.name}-${substr(sha256(join(" ", var.load_balancer.domains)), 0, 8)}"

  managed {
    domains = var.load_balancer.domains
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_ssl_policy" "edge" {
  count = var.load_balancer.enabled ? 1 : 0

  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"

  depends_on = [time_sleep.apis]
}

resource "google_compute_target_https_proxy" "edge" {
  count = var.load_balancer.enabled ? 1 : 0

  name             = var.name
  url_map          = google_compute_url_map.https[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.edge[0].id]
  ssl_policy       = google_compute_ssl_policy.edge[0].id
}

resource "google_compute_global_address" "edge" {
  count = var.load_balancer.enabled ? 1 : 0

  name = var.name

  depends_on = [time_sleep.apis]
}

resource "google_compute_global_forwarding_rule" "https" {
  count = var.load_balancer.enabled ? 1 : 0

  name                  = "${var.name}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge[0].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.edge[0].id
  labels                = local.labels
}

# Plain HTTP is only ever sent on to HTTPS.
resource "google_compute_url_map" "http" {
  count = var.load_balancer.enabled ? 1 : 0

  name = "${var.name}-http"

  default_url_redirect {
    https_redirect         = true
    redirect_response_code = "PERMANENT_REDIRECT"
    strip_query            = false
  }

  depends_on = [time_sleep.apis]
}

resource "google_compute_target_http_proxy" "edge" {
  count = var.load_balancer.enabled ? 1 : 0

  name    = "${var.name}-http"
  url_map = google_compute_url_map.http[0].id
}

resource "google_compute_global_forwarding_rule" "http" {
  count = var.load_balancer.enabled ? 1 : 0

  name                  = "${var.name}-http"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge[0].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.edge[0].id
  labels                = local.labels
}

# Floods and scanners end here, before an instance is paid for them. The functions' own limits know learners, this knows
# addresses alone: a school behind one address must fit, so its number is ample.
resource "google_compute_security_policy" "edge" {
  #checkov:skip=CKV_GCP_73: the rule is there (cve-canary, the first of waf_rules); checkov does not read rules made from a list
  count = var.load_balancer.enabled ? 1 : 0

  name        = var.name
  description = "Rate by address, and rules against known attacks."
  type        = "CLOUD_ARMOR"

  dynamic "rule" {
    # Rules read bodies too, and learners ask about SQL, JavaScript and log4j: by default a rule only logs what it would
    # deny (waf_preview), until an operator has seen that it meets no learner.
    for_each = var.load_balancer.waf_rules
    content {
      description = rule.value
      priority    = 100 + rule.key
      action      = "deny(403)"
      preview     = var.load_balancer.waf_preview
      match {
        expr {
          expression = "evaluatePreconfiguredWaf('${rule.value}', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    description = "At most ${var.load_balancer.requests_per_minute} requests a minute from an address"
    priority    = 1000
    action      = "throttle"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.load_balancer.requests_per_minute
        interval_sec = 60
      }
    }
  }

  rule {
    description = "Everybody else"
    priority    = 2147483647
    action      = "allow"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [time_sleep.apis]
}
