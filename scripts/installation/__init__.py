"""The parts of scripts/install.py, a noun each; nothing but Python is needed."""
