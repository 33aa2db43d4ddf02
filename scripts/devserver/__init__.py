"""Every function in one process on one port, for development: what the load balancer does in the cloud."""
