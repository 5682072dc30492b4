"""Networks drawn anew by a number, faulty and healthy, that hold rules to more than those of the suite."""
