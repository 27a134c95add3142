"""The compiled loops of the scan statistic: arrays and numbers, nothing else."""
