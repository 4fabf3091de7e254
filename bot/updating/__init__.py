"""The pipeline that the App and the local commands share: files in, proposals out.

It knows neither GitHub nor a disk. What it needs of the world stands in `ports`.
"""
