"""Pure decisions: state and time in, an answer out. No I/O, no clock, no logging."""
