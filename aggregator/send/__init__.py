"""From an edition to inboxes: addresses, tokens, the plan of attempts, the letter itself, and SMTP (the only edge)."""
