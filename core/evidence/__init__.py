"""What the seven steps show: arithmetic over measurements, one file a step. No Streamlit, no case."""
