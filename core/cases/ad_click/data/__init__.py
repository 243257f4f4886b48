"""The exposures: real coupons or ads drawn by a generator."""
