"""What can be said of courses and texts without any model: pure measures and rules."""
