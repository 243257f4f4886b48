"""Classroom: the order of the page and its words."""

import streamlit as st

from core.ui.classroom import join, new_class, visit

if not visit.visited():
    st.title("Classroom", anchor=False)
    st.markdown(
        "A class works on one case from one start. Everybody's designs come onto one wall, measured on this server: "
        "who leads, where the Pareto front is, and whose predictions came true."
    )
    join.by_code()
    new_class.opened()
    st.subheader("New class", anchor=False)
    new_class.form()
