"""Facts: what a report says, as contract rows, with the identities its numbers must satisfy already evaluated."""
