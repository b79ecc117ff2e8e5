"""What the lab notebooks import: data, labelers, plots, checkpoints and checks."""
