"""Edits that cure findings, one family a file; each takes a patient and gives the remedies that apply, best first."""
