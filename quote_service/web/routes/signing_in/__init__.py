"""How people get in: the sign-in with its second step, and a new password by a link."""
