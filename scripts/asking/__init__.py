"""Sending many prompts to a running server: reading them, asking, and the table at the end."""
