"""Published cases of other projects' statistics, put to ours: one module for each kind of file."""
