"""The services that carry SMS: two clouds, any plain HTTP, and the screen; all of them one `Gateway`."""
