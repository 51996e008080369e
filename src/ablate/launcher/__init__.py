"""Arms as the jobs of a Slurm array, behind `hydra/launcher=slurm`."""
