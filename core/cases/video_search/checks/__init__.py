"""What video search teaches: each sentence a reader is told, with the runs that say whether it holds."""

from core.cases.video_search.checks import channels, frames, search, serving, texts

CHECKS = (*channels.check.all, *frames.check.all, *search.check.all, *texts.check.all, *serving.check.all)
