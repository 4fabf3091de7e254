"""What the App answers to: `webhook` for GitHub, `health` for whoever keeps it running."""
