"""Signing in at somebody else's door: OpenID Connect, with the provider that the operator configured."""
