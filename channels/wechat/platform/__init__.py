"""What we ask of WeChat's platform: messages, media, the menu, codes, templates, and the token that lets us."""
