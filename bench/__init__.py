"""What condabot costs: `make bench`."""
