"""Environments: agents, type grids, outcomes, utilities and beliefs, and how they are read."""

from .model import Agent, Beliefs, Environment, InvalidEnvironment, outer

__all__ = ["Agent", "Beliefs", "Environment", "InvalidEnvironment", "outer"]
