"""What is done with signals: raised, acknowledged, expired, offered to other subjects."""
