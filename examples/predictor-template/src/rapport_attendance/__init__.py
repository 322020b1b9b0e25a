"""A predictor for Rapport that looks at attendance alone."""

from rapport_attendance.predictor import Attendance, predictor

__all__ = ["Attendance", "predictor"]
