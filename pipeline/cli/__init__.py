"""The `touming` commands: what a person types, and what is printed. All work is done in the other rooms."""
