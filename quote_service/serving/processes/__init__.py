"""Running the application: sockets, one worker, several workers."""
