"""The history checker of limits: many workers decide at once while the store fails; the record is judged afterwards."""
