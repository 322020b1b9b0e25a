"""The front doors: pages, JSON API and command line. Importing it starts nothing."""

import os

# The model's matrix products are small. More than one thread for each makes them slower, several times so on a busy
# machine, and lets the last digit depend on the number of cores. It has to be said before numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
