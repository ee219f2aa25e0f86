"""The nouns of the gateway: frozen values that users write and code handles."""
