"""What the feed is made from: who follows whom, posts, readers and the laws by which they act."""
