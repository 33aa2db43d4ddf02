"""What the commands in `scripts/` are made of. Each module runs as `python -m scripts.lib.<name>`."""
