"""Everything about single clients: episodes, risk, retention curves, CDS Hooks and FHIR. It knows nothing of money.

Empty so far: the package stands here to hold the privacy border, which the import contracts check from the first day.
"""

__all__: list[str] = []
