"""Real services that tests start: Google's Firestore emulator, Redis, and the stand-ins for what has no emulator."""
