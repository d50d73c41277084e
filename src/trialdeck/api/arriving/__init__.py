"""What files that come in become: one module a way."""
