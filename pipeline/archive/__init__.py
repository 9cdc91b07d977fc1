"""The bytes: kept once, logged at every capture, told apart by content, and listed in a ledger."""
