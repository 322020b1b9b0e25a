"""The worklist of the web application: a caseload that is kept for a day, whom to call in it, and what is at stake.

It puts parts of ``plugin`` and ``calculator`` together; what crosses from the one to the other are two numbers, units
and calls. No template and no request is known here but what a form carries.
"""
