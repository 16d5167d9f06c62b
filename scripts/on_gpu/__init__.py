"""The parts of `gpu.py`: what is packed, how it is learnt on the device, and what becomes of it."""
