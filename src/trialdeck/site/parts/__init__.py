"""What the pages of the site show beside trials and cards: downloads, topics, editions, and the front page."""
