"""What everything stands on: settings, storage, identity, time, the web application and the command line."""
