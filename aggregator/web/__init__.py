"""What a browser or a mail program asks of us: the published site, and the links that stand in letters."""
