"""The fake model server, seen through the official SDKs."""
