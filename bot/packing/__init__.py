"""Locked environments as archives to unpack elsewhere: installed by py-rattler, packed by conda-pack."""
