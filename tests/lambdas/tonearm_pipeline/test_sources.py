import pytest

from tonearm_pipeline.errors import BadSourceError
from tonearm_pipeline.sources import Source, parse_source, parse_sources

ID = "37i9dQZF1DXcBWIGoYBM5M"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param(ID, Source("playlist", ID), id="bare id"),
        pytest.param(f" {ID}\n", Source("playlist", ID), id="blanks"),
        pytest.param(f"spotify:playlist:{ID}", Source("playlist", ID), id="uri"),
        pytest.param(f"spotify:user:me.x:playlist:{ID}", Source("playlist", ID), id="old uri"),
        pytest.param(f"spotify:album:{ID}", Source("album", ID), id="album uri"),
        pytest.param(
            f"https://open.spotify.com/playlist/{ID}?si=ab12&pt=x", Source("playlist", ID), id="si"
        ),
        pytest.param(
            f"https://open.spotify.com/intl-de/artist/{ID}", Source("artist", ID), id="intl"
        ),
        pytest.param(f"open.spotify.com/album/{ID}/", Source("album", ID), id="no scheme"),
        pytest.param("me/playlists", Source("me/playlists"), id="my playlists"),
        pytest.param("spotify:collection:tracks", Source("me/tracks"), id="liked songs"),
    ],
)
def test_every_way_to_name_a_source_is_understood(text: str, source: Source) -> None:
    assert parse_source(text) == source


def test_the_canonical_text_is_read_back_as_the_same_source() -> None:
    for source in parse_sources([ID, f"spotify:album:{ID}", "me/playlists", "me/tracks"]):
        assert parse_source(source.uri) == source


def test_duplicates_in_different_clothes_are_merged_in_order() -> None:
    link = f"https://open.spotify.com/playlist/{ID}?si=1"

    assert parse_sources(["me/tracks", link, ID, f"spotify:playlist:{ID}"]) == (
        Source("me/tracks"),
        Source("playlist", ID),
    )


def test_all_wrong_ones_stand_in_one_error() -> None:
    wrong = ["https://example.org/playlist/" + ID, "spotify:track:" + ID, "short", 7]

    with pytest.raises(BadSourceError) as caught:
        parse_sources([ID, *wrong])

    message = str(caught.value)
    assert message.startswith("4 bad source(s)")
    assert all(str(text) in message for text in wrong)
    assert "\n" not in message


def test_an_empty_list_is_an_error() -> None:
    with pytest.raises(BadSourceError, match="empty"):
        parse_sources([])
