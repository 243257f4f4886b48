"""The models that judge a post: of the words, of the columns, of both, of the kind of harm; and their calibration."""
