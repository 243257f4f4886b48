"""The records that a case fills in: design, measurement, checks, interview and scaling."""
