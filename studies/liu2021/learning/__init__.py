"""Figure 5 of Liu et al. 2021, and what follows from it: training through the response tables."""
