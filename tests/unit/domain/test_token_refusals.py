from app.domain.token_refusals import TokenRefused


def test_the_client_is_not_told_the_reason() -> None:
    error = TokenRefused("no key 'a' that fits RS256", genuine=True)
    assert error.status == 401
    assert "RS256" not in error.detail
    assert (error.reason, error.foreign, error.genuine, error.lasting) == (
        "no key 'a' that fits RS256",
        False,
        True,
        False,
    )
