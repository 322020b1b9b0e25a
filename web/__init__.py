"""The front doors: pages, JSON API and command line. Importing it starts nothing and loads no framework."""
