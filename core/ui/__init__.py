"""The only Streamlit code in core: the router, the controls and the sections of pages."""
