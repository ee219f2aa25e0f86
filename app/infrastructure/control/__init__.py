"""The control plane's outside: revisions and status on disk, tokens, the admin API's client, webhooks."""
