"""What the product does and what comes of it, by hour, day and learner."""
