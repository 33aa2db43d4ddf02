"""What the system says about itself: metrics, health."""
