"""The sections of reports: each a function from the content to blocks, which computes nothing."""
