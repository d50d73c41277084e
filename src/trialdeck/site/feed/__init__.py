"""What programs read of a site: feed.json, by which they follow the decks, and published.json."""
