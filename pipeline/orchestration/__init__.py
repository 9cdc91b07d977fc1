"""When, and in which order: Dagster assets, checks, jobs and schedules over the rooms, thin."""
