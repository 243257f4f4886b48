"""What makes two homes similar: attributes, co-clicks, or vectors learnt from sessions."""
