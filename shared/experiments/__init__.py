"""Experiments: who is in which arm (assign). Pure."""
