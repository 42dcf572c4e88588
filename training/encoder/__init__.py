"""Makes the sentence encoder that ships with Kader: see docs/encoder.md. PyTorch is needed here and nowhere else."""
