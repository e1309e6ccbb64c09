"""The website widget: its API, and the public pages it lives on."""
