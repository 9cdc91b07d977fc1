"""Polite HTTP: what is fetched when and how, and what came of each attempt. No other room asks servers for anything."""
