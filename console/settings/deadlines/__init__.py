"""The pages of time: calendars and hours, time rules, supervision."""
