"""What protoc makes of deploy/proto: `make proto`. Not for code that is written by hand."""
