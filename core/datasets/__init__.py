"""The only readers of data/: a module for each data set, over files.py, which hands out bytes only once checked.

Nothing is remembered here; that is for core/runtime/memo.py. What each file is and where it comes from: data/README.md.
"""
