"""What the lab notebooks import: data, labelers, plots, checkpoints and checks."""

import os

if "OMP_NUM_THREADS" not in os.environ:
    from threadpoolctl import threadpool_limits

    # Small matrices, many times: threads that wait for each other make active learning ten times
    # slower. What is loaded later reads the variable; what is there already has to be told.
    os.environ["OMP_NUM_THREADS"] = "1"
    threadpool_limits(1)
