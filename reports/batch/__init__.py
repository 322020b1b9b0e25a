"""A proposal for each row of a prospects file: reading it, checking it, making them on many cores, and resuming.

It knows no command line and no web page: ``open_prospects`` reads, ``check`` looks, ``run`` writes; ``local_workers``
and ``cluster_workers`` give them hands.
"""

from reports.batch.engine import Summary, check, run, status_of
from reports.batch.executors import Workers, cluster_workers, local_workers
from reports.batch.manifest import Entry, read_manifest
from reports.batch.mapping import SHIPPED, Saved, read_mapping, shipped
from reports.batch.prospects import Prospects, Row, open_prospects
from reports.batch.work import Options, Outcome

__all__ = [
    "SHIPPED",
    "Entry",
    "Options",
    "Outcome",
    "Prospects",
    "Row",
    "Saved",
    "Summary",
    "Workers",
    "check",
    "cluster_workers",
    "local_workers",
    "open_prospects",
    "read_manifest",
    "read_mapping",
    "run",
    "shipped",
    "status_of",
]
