"""What runs in the background: looking at what is new, and tidying up; and the news of processes that stream."""
