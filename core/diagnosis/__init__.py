"""What is wrong with a network or its training, how that is known, and what helps."""
