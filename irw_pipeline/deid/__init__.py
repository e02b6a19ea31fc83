"""De-identification as data: policy, actions, one engine, and an audit that does not trust it."""
