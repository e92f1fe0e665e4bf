"""What is known of a device's curve, as a normal distribution of its coordinates."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dwsynapse.fit_badge import lack_of_fit
from fitting.device import DeviceModel
from fitting.forms import PassingCurve
from fitting.inference.fisher_scoring import Coordinates

Floats = NDArray[np.float64]


class Known(NamedTuple):
    """What is known of the coordinates of a device's curve, as a normal distribution."""

    mean: Floats
    covariance: Floats


def known_curve(
    device: DeviceModel, coordinates: Coordinates, offset_sd_mT: float, scale_sd: float
) -> Known:
    """Return what is known of a device's curve over fields of an uncertain calibration.

    Parameters
    ----------
    device
        The device model: its draws, widened where tests reject its fit, or its published digits.
    coordinates
        The coordinates of its curve.
    offset_sd_mT, scale_sd
        Uncertainty of the offset and of the scale of the fields against those of the device.
    """
    mean = coordinates.point(device.curve)
    if len(device.draws):
        curves = device.drawn_curves()
        covariance = np.cov(_points(curves, len(mean)).T) * lack_of_fit(device.goodness_of_fit)[0]
    else:
        covariance = np.diag(_rounding(device, mean) ** 2 / 3)  # Of an even distribution.
    calibration = np.zeros_like(covariance)
    calibration[1, 1] = offset_sd_mT**2 + (scale_sd * mean[1]) ** 2
    calibration[2, 2] = scale_sd**2
    calibration[1, 2] = calibration[2, 1] = -(scale_sd**2) * mean[1]
    return Known(mean, covariance + calibration)


def _points(curves: PassingCurve, n: int) -> Floats:
    """Return the coordinates of curves with parameters of shape (n_draws, 1)."""
    centre_mT = curves.rise_field_mT(0.5)
    steepness = np.log(4 * curves.rise_slope_per_mT(centre_mT))
    found = np.hstack([curves.floor, centre_mT, steepness, *([curves.lapse] * (n > 3))])
    return np.asarray(found)


def _rounding(device: DeviceModel, mean: Floats) -> Floats:
    """Return half the width of the interval of each coordinate of a published curve."""
    ends = {
        name: np.array([value if end is None else end for end in device.intervals[name]])
        for name, value in device.curve.values().items()
        if name in device.intervals
    }
    lower, upper = (
        Coordinates(device.curve, len(mean) > 3).point(
            device.curve.with_values({name: values[i] for name, values in ends.items()})
        )
        for i in (0, 1)
    )
    return np.asarray(np.abs(upper - lower) / 2)
