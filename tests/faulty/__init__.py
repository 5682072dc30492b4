"""Networks with one fault each, and healthy ones that look faulty: what the Doctor is measured by."""
