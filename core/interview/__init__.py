"""The interview itself: decision cards, checklist, mock interview, curve-balls, predictions and the glossary."""
