"""A second suite of faulty and healthy networks, written without a look at the rules that are judged by it."""
