"""Where reports are published: the registry of columns, and one pure adapter per family of sites."""
