"""Requests that are about the same: repeats shown when a ticket is opened, and hot topics."""
