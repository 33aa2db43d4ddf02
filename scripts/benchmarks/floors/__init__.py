"""What this machine can do at best, measured in the same run: no figure of ours means anything without them."""
