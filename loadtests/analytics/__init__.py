"""How long reports take over 10 000 000 quotes of history."""
