"""What a process keeps of flash sales while it runs."""
