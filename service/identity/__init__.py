"""Who is who: staff accounts and their roles."""
