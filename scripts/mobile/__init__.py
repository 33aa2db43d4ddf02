"""The typed clients of the apps: one OpenAPI document of the whole system, and what is generated from it."""
