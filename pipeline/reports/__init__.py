"""The form: is it a report, whose, of which year, in which edition, and what does each of its cells say."""
