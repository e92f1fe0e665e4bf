"""What else is known of a bench than its fields: wrong outcomes, unequal wires, unseen jitter."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from dwsynapse.io.detection_errors import DetectionErrors, stated_errors
from dwsynapse.study import Hardware
from fitting.comparison.new_counts.new_curve import NewCurve, new_curve
from fitting.comparison.new_counts.wire_spread import SpreadCoordinates, SpreadCurve
from fitting.device import DeviceModel
from hardware.manifest import Manifest
from hardware.verification.curve_scores import CENTRE, CurveScores
from hardware.verification.reads import Reads


@dataclass(frozen=True)
class Nuisances:
    """What a manifest and a study state of a bench.

    Parameters
    ----------
    detection
        How often outcomes are detected wrongly; None: never.
    wire_spread_mT
        Spread of the centres of the wires that the synapses are.
    jitter_mT
        Spread of the field from read to read, where the log does not have it.
    """

    detection: DetectionErrors | None = None
    wire_spread_mT: float = 0.0
    jitter_mT: float = 0.0

    @classmethod
    def of(cls, manifest: Manifest, settings: Hardware, log: pd.DataFrame) -> "Nuisances":
        """Take what is stated."""
        unseen = "field_measured_mT" not in log
        jitter_mT = manifest.instrument.get("field_noise_sd_mT") or 0.0
        return cls(
            stated_errors(manifest.instrument),
            settings.wire_spread_mT,
            float(jitter_mT) if unseen else 0.0,
        )

    def curve_in_log(self, device: DeviceModel, reads: Reads, settings: Hardware) -> NewCurve:
        """Return the likeliest curve of the reads in a log, given the device.

        Within the uncertainty of the device's fit, of the fields, and of the bench
        (`fitting.comparison.new_counts.new_curve`): the curve of the typical wire, averaged over
        the jitter.

        Parameters
        ----------
        device
            The device model.
        reads
            The reads.
        settings
            The uncertainty of the fields, `field_offset_sd_mT` and `field_scale_sd`.
        """
        found = new_curve(
            device,
            self.counts(reads),
            settings.field_offset_sd_mT,
            settings.field_scale_sd,
            detection=self.detection,
            wire_spread_mT=self.wire_spread_mT,
        )
        if isinstance(found.curve, SpreadCurve):
            of_wire, coordinates = found.curve.of_wire, found.coordinates.of_wire
            found = replace(found, curve=of_wire, coordinates=coordinates)
        if self.jitter_mT:
            # New at every read: reads pass with the mean over it, and do not know of each other.
            curve = SpreadCurve(found.curve, self.jitter_mT)
            coordinates = SpreadCoordinates(found.coordinates, self.jitter_mT)
            found = replace(found, curve=curve, coordinates=coordinates)
        return found

    def counts(self, reads: Reads) -> pd.DataFrame:
        """Return the reads counted by field, or by synapse where these differ.

        With the jitter that the log does not show; the spread of wires is not in it.
        """
        if not self.wire_spread_mT:
            return pd.DataFrame(
                {
                    "field_mT": reads.fields_mT,
                    "n_trials": reads.by_field(),
                    "n_passed": reads.by_field(reads.passed),
                    "field_sd_mT": self.jitter_mT,
                }
            )
        group = reads.by_synapse
        return pd.DataFrame(
            {
                "field_mT": group.sum(reads.fields_mT[reads.field]) / group.sizes,
                "n_trials": group.sizes.astype(float),
                "n_passed": group.sum(reads.passed),
                "field_sd_mT": self.jitter_mT,
            }
        )

    def of_each_wire(self, typical: CurveScores) -> CurveScores:
        """Return the scores at the curve of each wire, as far as its own reads tell it.

        With the centres of the wires normal about that of the typical one, the mean of a centre
        after its reads is spread^2 U / (1 + spread^2 I), by their score U and information I about
        it. The field of each read is counted from there.

        Parameters
        ----------
        typical
            The scores at the curve of the typical wire.
        """
        if not self.wire_spread_mT:
            return typical
        reads, group = typical.reads, typical.reads.by_synapse
        slope = typical.gradient[CENTRE] * typical.weight
        score = group.sum(slope[reads.field] * typical.residual())
        information = typical.sum(group, slope**2 * typical.variance)
        variance = self.wire_spread_mT**2
        shift_mT = variance * score / (1 + variance * information)
        moved_mT = np.empty(len(reads))
        moved_mT[group.order] = np.repeat(shift_mT, group.sizes)
        return CurveScores(reads.moved(-moved_mT), typical.fitted)
