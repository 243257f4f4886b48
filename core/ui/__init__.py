"""The only Streamlit in core: the router, the controls and the parts that a page puts in its own order."""
