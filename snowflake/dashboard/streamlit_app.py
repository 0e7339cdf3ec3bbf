"""Tonearm's dashboard: `make dashboard` on one machine, or a Streamlit app in Snowflake."""

import streamlit as st
from snowflake.connector.errors import Error

from dashboard_pages import PAGES

ATTRIBUTION = (
    "Playlists, names and links come from [Spotify](https://www.spotify.com); a name leads back to"
    " its page there. Spotify is a trademark of Spotify AB, which has no part in this dashboard."
)
WHOLE_WORDS = """<style>
[data-testid="stTable"] td, [data-testid="stTable"] td * {
    overflow-wrap: normal; word-break: normal}
[data-testid="stTable"] th {white-space: nowrap}
</style>"""


def main() -> None:
    """Draw the page that was chosen; say in one line when Snowflake does not answer."""
    st.set_page_config(page_title="Tonearm", layout="wide")
    st.sidebar.title("Tonearm")
    chosen = st.sidebar.radio("Page", list(PAGES))
    st.markdown(WHOLE_WORDS, unsafe_allow_html=True)
    st.title(chosen)
    st.caption(ATTRIBUTION)
    try:
        PAGES[chosen]()
    except Error as error:
        reason = (error.raw_msg or str(error)).splitlines()[0]
        st.error(
            f"Snowflake did not answer: {reason}. The dashboard needs the reader role; after"
            " `tonearm snowflake deploy` core and mart are there."
        )


main()
