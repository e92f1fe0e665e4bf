"""What runs on the device, and how its results are tested."""

from pydantic import Field

from dwsynapse.io.limits import MAX_FIELD_MT
from dwsynapse.study.bench import EarlyExit, FieldSinusoid, Laboratory, Order
from dwsynapse.study.block import Block, Images, Reads
from dwsynapse.study.programming import Programming


class Hardware(Block):
    """Inference on the device, or on the virtual laboratory in its place."""

    reads_train: tuple[Reads, ...] = (1, 128)
    """Networks that run on the device, by the reads they were trained with (Fig. 4)."""
    images: Images = 600
    """Number of test images, from the first."""
    reads: Reads = 8
    """Reads per synapse; accuracies are reported for every number up to it."""
    field_step_mT: float = Field(default=0.1, ge=1e-6, le=1000)
    """Precision to which the instrument sets a field."""
    field_sinusoid: FieldSinusoid | None = None
    """Field that repeats as a sinusoid, at whose phases walls are injected (Ellis et al. 2023,
    section 4.2): {amplitude_mT: 8, frequency_Hz: 37, offset_mT: 0}. The program then says the phase
    and the delay of each synapse. Null: the instrument sets each field itself."""
    order: Order = "interleaved"
    """Order of an image's reads: interleaved (every synapse once, then all again), sequential (all
    reads of a synapse, then the next) or randomised, so that a drift adds no bias to a synapse."""
    early_exit: EarlyExit | None = None
    """Early exit of the program, {risk: 0.01, knows: curve}: classes are dropped while an image is
    read, as `network plan` reckons. Null: every read is made."""
    field_noise_sd_mT: float = Field(default=0.03, ge=0, le=MAX_FIELD_MT)
    """Spread of the virtual laboratory's field about the field set."""
    field_offset_sd_mT: float = Field(default=0.1, ge=0, le=MAX_FIELD_MT)
    """Uncertainty of the offset of the fields measured: how far a bench may be off the program."""
    field_scale_sd: float = Field(default=0.02, ge=0, le=1)
    """Uncertainty of the scale of the fields measured, as a share of them."""
    wire_spread_mT: float = Field(default=0.0, ge=0, le=MAX_FIELD_MT)
    """Spread of the centres of the curves of the wires that are the synapses, where it is known."""
    tolerance_mT: float = Field(default=0.2, gt=0, le=MAX_FIELD_MT)
    """Largest shift of a curve that does not matter: twice the precision of a field."""
    tolerance_accuracy: float = Field(default=0.02, gt=0, lt=1)
    """Largest difference of accuracies that does not matter."""
    reads_per_s: float = Field(default=50.0, gt=0, le=1e12)
    """Reads per second of the instrument."""
    laboratory: Laboratory = Laboratory()
    """Faults of the virtual laboratory."""
    significance: float = Field(default=0.01, ge=0.005, lt=0.5)
    """Chance that any test of a report fails if the device model holds (p-values after Holm)."""
    crossbars: Programming = Programming()
    """Programming of crossbars of tracks; their logs are tested at the significance above."""
    compare_with: str | None = "ellis2023"
    """Device whose curve every other device's curve is compared with."""
