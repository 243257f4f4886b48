"""The pages of a class: a new one, the way in, the student's bar on the case page, and the presenter's wall."""
