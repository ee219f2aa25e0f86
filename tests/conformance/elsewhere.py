"""Cases that are tested in other modules, mostly because they take time. Not for new tests."""

from typing import Final

_INTEGRATION: Final = "tests/integration"
ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "P-24": (f"{_INTEGRATION}/test_downstream_tls.py::test_a_cut_answer_never_looks_complete_over_http_2",),
    "P-28": (f"{_INTEGRATION}/test_downstream_tls.py::test_early_hints_reach_http_2_clients_of_hypercorn",),
    "P-30": (f"{_INTEGRATION}/test_downstream_tls.py::test_trailers_reach_http_2_clients_of_hypercorn_that_ask",),
    "P-33": (
        f"{_INTEGRATION}/test_streaming.py::test_large_bodies_pass_in_little_memory",
        f"{_INTEGRATION}/test_streaming.py::test_a_slow_reader_slows_the_target_down",
    ),
    "P-35": (f"{_INTEGRATION}/test_forwarding.py::test_an_early_answer_reaches_a_client_that_still_writes",),
    "P-36": (
        f"{_INTEGRATION}/test_cancellations.py::test_leaving_ends_the_call_to_the_backend",
        f"{_INTEGRATION}/test_cancellations.py::test_leaving_in_the_middle_of_an_upload",
    ),
    "P-54": ("tests/unit/domain/policies/test_routing.py",),
    "P-60": (f"{_INTEGRATION}/test_websocket.py", f"{_INTEGRATION}/test_websocket_http2.py"),
    "P-62": (
        f"{_INTEGRATION}/test_timeouts.py::test_each_timeout_has_its_own_status_and_code",
        f"{_INTEGRATION}/test_timeouts.py::test_bodies_that_stall_are_cut_in_both_directions",
        f"{_INTEGRATION}/test_cancellations.py::test_a_client_that_does_not_read_is_cut",
    ),
    "P-63": (f"{_INTEGRATION}/test_timeouts.py::test_answers_that_ask_for_it_are_tried_again_elsewhere",),
    "P-64": (f"{_INTEGRATION}/test_timeouts.py::test_a_busy_target_makes_requests_wait_and_then_refuses_them",),
}
"""Id to what covers it, or more of it."""
