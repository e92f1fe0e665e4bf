"""A tiny track whose pulses take a second, for tests of everything around the engine."""

from dwsynapse.study import Notches, Pulses, SinglePulses, Track, TrackDevice

TINY_TRACK = TrackDevice(
    source="simulation",
    track=Track(
        length_nm=440,
        width_nm=30,
        fixed_end_nm=20,
        notches=Notches(spacing_nm=40, number=9),
        window_notches=5,
    ),
    pulses=Pulses(
        current_uA=(35,),
        duration_ns=(1,),
        rest_ns=2,
        settle_ns=0.1,
        sequence=SinglePulses(levels=(4,), walls=2),
    ),
)


def with_pulses(device=TINY_TRACK, window=5, **changes):
    """Return a device with other pulses, and another window."""
    track = device.track.model_copy(update={"window_notches": window})
    pulses = device.pulses.model_copy(update=changes)
    return device.model_copy(update={"track": track, "pulses": pulses})


def rows_of(device, seed=1, **options):
    """Return the rows of all pulses of a device, by (replica, pulse)."""
    from micromag.trials.pulses.prepared_window import PreparedWindows
    from micromag.trials.pulses.simulate_trains import at_start, groups_of, run_group
    from micromag.trials.pulses.trains import trains_of

    windows, rows = PreparedWindows(device), {}

    def on_pulse(wall, row):
        rows[row["replica"], row["current_uA"], row["pulse"]] = row

    for group in groups_of([at_start(device, train) for train in trains_of(device)]):
        run_group(windows, group, seed, on_pulse, lambda: False)
    return rows
