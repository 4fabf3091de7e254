"""YAML that knows where it stands: a reader of positioned nodes and a splicer of lists, for manifests and locks."""
