"""Statistics over sufficient statistics. Pure; each formula with its source."""
