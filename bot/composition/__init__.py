"""The parts put together from settings: `engine` for scans, on a checkout or in a worker, `service` for the App."""
