"""The command line: one file a command. What the commands can do comes in as a Toolbox."""
