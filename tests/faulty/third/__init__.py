"""A third suite of faulty and healthy networks, over other data, architectures and settings than the first two."""
