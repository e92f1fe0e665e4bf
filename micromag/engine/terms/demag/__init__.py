"""The demagnetising field: tensor, Fourier transforms and convolution."""
