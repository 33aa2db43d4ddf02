"""A mentor conversation: one exchange in it (chat), its stored history (history), its summary (summarise)."""
