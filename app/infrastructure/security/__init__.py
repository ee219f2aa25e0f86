"""Proofs of who is asking: tokens, passwords, signatures, certificates; and where addresses are."""
