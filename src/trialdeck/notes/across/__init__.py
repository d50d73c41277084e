"""Notes across trials: one endpoint in several trials, side by side and never pooled."""
