"""What several cases of the third suite are made of."""

from __future__ import annotations

PETALS = {"name": "petals", "n": 1200, "noise": 0.05, "standardize": True}
ROTORS = {"name": "rotors", "n": 1300, "k": 3, "noise": 0.05}
TEXTURES = {"name": "textures", "n": 900, "size": 10}
PHRASES = {"name": "phrases", "n": 1500, "V": 60, "T": 10}
TERRAIN = {"name": "terrain", "n": 1100, "noise": 0.08, "standardize": True}
PENDULUM = {"name": "pendulum", "n": 1400, "noise": 0.05, "standardize": True}
PICTURES = {"name": "digits_img"}
