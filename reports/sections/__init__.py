"""The sections of reports: each a function from the content to flowables, which computes nothing."""
