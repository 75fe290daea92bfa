"""Reports: what happened, folded from events into one `Result`, and its screen and JSON made from that one value."""
