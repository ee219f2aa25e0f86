"""Options of filters as users write them. Not for what filters do."""
