"""What the admin API does is what its OpenAPI document says: generated calls, right and wrong ones."""

from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig

from tests.admin_client import WRITE, make_app
from tests.fakes_control import CHAIN, CONSUMER, HELLO, ISSUER, ROUTE, SERVICE, Plane

# A document of the right shape may still be wrong: a target that is no url, a number that no JSON reader takes.
ACCEPTED = ["2xx", 304, 400, 404, 409, 412, 422]
REJECTED = [400, 401, 404, 405, 412, 415, 422]
# What is wrong with a configuration is what these are asked for.
TELLS = {"negative_data_rejection": {"enabled": False}}
# They read what PUT /config reads.
FEW = {"coverage": {"enabled": False}}

CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 4,
        "generation": {"max-examples": 15, "mode": "all", "with-security-parameters": False},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ACCEPTED},
            "negative_data_rejection": {"expected-statuses": REJECTED},
        },
        "operations": [
            {"include-path": "/config/validate", "checks": TELLS, "phases": FEW},
            {"include-path": "/config/plan", "checks": TELLS, "phases": FEW},
        ],
    }
)
HEADERS = {"Authorization": f"Bearer {WRITE}"}

STORED = {
    "services": {"users": SERVICE},
    "issuers": {"main": ISSUER},
    "consumers": {"mobile": CONSUMER},
    "chains": {"public": CHAIN},
    "routes": {"users": ROUTE, "hello": HELLO},
}

plane = Plane(STORED, worker=False)
schema = schemathesis.openapi.from_asgi(
    "/openapi.json", make_app(plane), config=CONFIG, headers={**HEADERS, "Host": "localhost"}
)


@schema.parametrize()
def test_calls_are_answered_as_documented(case: "schemathesis.Case[Any]") -> None:
    case.call_and_validate(base_url="http://localhost", headers=HEADERS)
