"""The report of an evaluation, in the shape that TRIPOD+AI asks for."""

from reports.evaluation.report import build_evaluation_report

__all__ = ["build_evaluation_report"]
