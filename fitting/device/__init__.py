"""The device model: all that networks and verification need of a fitted device."""

from fitting.device.device_model import DeviceModel, Interval, Source
from fitting.forms import PassingCurve

__all__ = ["DeviceModel", "Interval", "PassingCurve", "Source"]
