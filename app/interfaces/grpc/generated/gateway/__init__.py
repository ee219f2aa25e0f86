"""Names the package that the .proto file names."""
