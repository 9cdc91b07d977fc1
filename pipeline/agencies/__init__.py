"""Agencies: which administrative organ a printed name stands for."""
