"""A wire's curves of nanoseconds, laboratory dwell and calibration beside their target."""
