"""Everything the functions share. Layers and their rule are drawn in README, "The house"; a test holds the code to it."""
