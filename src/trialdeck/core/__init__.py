"""What every room stands on: errors and problems, files, locks, transactions, characters."""
