"""What `scripts/deploy` and `scripts/smoke` are made of: images, Terraform, traffic between revisions, checks of what runs."""
