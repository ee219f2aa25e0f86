"""Cases that are tested in other modules, mostly because they take time. Not for new tests."""

from typing import Final

_INTEGRATION: Final = "tests/integration"
ELSEWHERE: Final[dict[str, tuple[str, ...]]] = {
    "P-24": (f"{_INTEGRATION}/test_downstream_tls.py::test_a_cut_answer_never_looks_complete_over_http_2",),
    "P-28": (f"{_INTEGRATION}/test_downstream_tls.py::test_early_hints_reach_http_2_clients",),
    "P-30": (f"{_INTEGRATION}/test_downstream_tls.py::test_trailers_reach_http_2_clients_that_ask",),
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
    "A-01": ("tests/attacks/test_floods.py::test_a01",),
    "A-02": ("tests/attacks/test_floods.py::test_a02",),
    "A-03": ("tests/attacks/test_floods.py::test_a03",),
    "A-04": ("tests/attacks/test_floods.py::test_a04",),
    "A-05": ("tests/attacks/test_floods.py::test_a05",),
    "A-06": ("tests/attacks/test_floods.py::test_a06",),
    "A-07": (
        "tests/attacks/test_floods.py::test_a07",
        "tests/attacks/test_limits.py::test_a07",
    ),
    "A-14": ("tests/attacks/test_guards.py::test_a14",),
    "A-15": ("tests/attacks/test_guards.py::test_a15",),
    "A-16": (
        "tests/integration/test_websocket.py::test_a16",
        "tests/integration/test_websocket_http2.py::test_a16",
        "tests/unit/infrastructure/wire/test_websocket_inbox.py::test_a16",
    ),
    "A-17": ("tests/attacks/test_floods.py::test_a17",),
    "A-18": (
        "tests/attacks/test_credentials.py::test_a18",
        "tests/attacks/test_limits.py::test_a18",
    ),
    "A-19": ("tests/attacks/test_guards.py::test_a19",),
    "A-20": (
        "tests/unit/infrastructure/telemetry/test_access_record.py::test_a20",
        "tests/unit/infrastructure/telemetry/test_event_pace.py::test_a20",
    ),
    "A-21": ("tests/attacks/test_guards.py::test_a21",),
    "A-37": ("tests/attacks/test_guards.py::test_a37",),
    "A-38": ("tests/attacks/test_guards.py::test_a38",),
    "A-39": ("tests/unit/infrastructure/telemetry/test_access_record.py::test_a39",),
    "A-40": (
        "tests/attacks/test_guards.py::test_a40",
        "tests/integration/test_websocket.py::test_a40",
    ),
    "A-50": ("tests/attacks/test_jwt.py::test_a50",),
    "A-51": ("tests/attacks/test_jwt.py::test_a51",),
    "A-52": ("tests/attacks/test_jwt.py::test_a52",),
    "A-53": ("tests/attacks/test_jwt.py::test_a53",),
    "A-54": ("tests/attacks/test_jwt.py::test_a54",),
    "A-55": ("tests/attacks/test_jwt.py::test_a55",),
    "A-56": ("tests/attacks/test_jwt.py::test_a56",),
    "A-57": ("tests/attacks/test_jwt.py::test_a57",),
    "A-58": ("tests/attacks/test_jwt.py::test_a58",),
    "A-59": ("tests/attacks/test_jwt.py::test_a59",),
    "A-60": ("tests/attacks/test_jwt.py::test_a60",),
    "A-61": ("tests/attacks/test_jwt.py::test_a61",),
    "A-62": ("tests/attacks/test_jwt.py::test_a62",),
    "A-63": ("tests/attacks/test_jwt.py::test_a63",),
    "A-64": ("tests/attacks/test_credentials.py::test_a64",),
    "A-65": ("tests/attacks/test_limits.py::test_a65",),
    "A-66": ("tests/attacks/test_limits.py::test_a66",),
    "A-71": ("tests/attacks/test_guards.py::test_a71",),
}
"""Id to what covers it, or more of it; a name may be the beginning of several."""
