"""What `scripts/language-gate` is made of: the prompts of each language, their measurement, and the switch."""
