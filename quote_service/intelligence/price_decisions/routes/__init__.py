"""Price policies, decisions and models over HTTP."""
