"""How an edit in place changes the text: entries of lists, properties, and the edit that takes another one back."""
