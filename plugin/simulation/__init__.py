"""Simulated clinics with a known truth, for tests and demonstrations: no real person is in them."""

from plugin.simulation.clinic import Simulated, simulate
from plugin.simulation.frames import Frames
from plugin.simulation.truth import LABEL, Truth

__all__ = ["LABEL", "Frames", "Simulated", "Truth", "simulate"]
