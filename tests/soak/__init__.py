"""Minutes of every kind of traffic, good and bad, after which nothing may be left behind. Not part of `make test`.

It lives among the tests, not the benchmarks, because it ends in a verdict and not in a figure, and because it speaks
with the tests' own clients, conformance cases and gateway process.
"""
