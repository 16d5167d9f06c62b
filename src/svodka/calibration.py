"""Moved to `svodka.bundle.calibration`."""

from svodka.bundle.calibration import Calibration, TopicCalibration

__all__ = ["Calibration", "TopicCalibration"]
