"""What the data is: the form edition by edition, its identities, every table and field, as data with typed access."""
