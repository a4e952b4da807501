"""Mechanisms, thresholds and distributions of papers, by formula."""
