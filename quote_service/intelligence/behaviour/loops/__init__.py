"""What consumes and tidies up in the background."""
