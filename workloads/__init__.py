"""What is measured, and the clock. Runs inside every measured environment: Python 3.9 or newer, NumPy, nothing else."""
