"""The words made-up artists, albums and songs are put together from."""
# ruff: noqa: RUF001 - letters of other scripts are the point

ADJECTIVES = (
    "Amber", "Borrowed", "Copper", "Distant", "Electric", "Feral", "Gentle", "Hollow", "Idle",
    "Jaded", "Kindred", "Lunar", "Marble", "Northern", "Opal", "Paper", "Quiet", "Restless",
    "Silver", "Tidal", "Unsaid", "Velvet", "Wandering", "Yellow", "Zero",
)  # fmt: skip
NOUNS = (
    "Anchors", "Balconies", "Cartographers", "Dials", "Embers", "Ferries", "Gardens", "Harbours",
    "Islands", "Junctions", "Kites", "Lanterns", "Mirrors", "Needles", "Orchards", "Postcards",
    "Quarries", "Rivers", "Satellites", "Tramlines", "Umbrellas", "Valleys", "Windows", "Yards",
)  # fmt: skip
GIVEN_NAMES = (
    "Aino", "Bexley", "Callum", "Dalisay", "Eskil", "Femi", "Ginevra", "Håkon", "Imke", "Jovana",
    "Kaito", "Léonie", "Małgosia", "Nuria", "Odalys", "Pádraig", "Quirin", "Ruxandra", "Søren",
    "Tevita", "Ursel", "Violeta", "Wiremu", "Ximena", "Yıldız", "Zdeněk",
)  # fmt: skip
FAMILY_NAMES = (
    "Åkerblom", "Bellweather", "Castellane", "Dragomir", "Eilertsen", "Fonoti", "Greaves",
    "Halloran", "Ilves", "Jurado", "Kowalczyk", "Lindqvist", "Marchetti", "Nakagoshi", "Oyelaran",
    "Pettersen", "Quispe", "Rasmussen", "Szabó", "Tanevski", "Uzun", "Vasconcelos", "Winterbourne",
)  # fmt: skip
OTHER_SCRIPTS = (
    "夜汽車クラブ", "みどり坂", "은하수 다방", "Поздний трамвай", "Тихий берег", "صدى الميناء",
    "נמל הלילה", "Καλοκαίρι Πάλι", "灯台電波", "Дом у моря",
)  # fmt: skip
PLACES = (
    "Aarhus", "Bergen", "Cork", "Dundee", "Évora", "Faro", "Gdańsk", "Hobart", "Iași", "Jaén",
    "Kraków", "Lagos", "Malmö", "Nagoya", "Oaxaca", "Porto", "Quito", "Riga", "Split", "Tromsø",
)  # fmt: skip
MOMENTS = (
    "after the rain", "at closing time", "before the ferry", "by the window", "in the small hours",
    "on a Sunday", "on the night bus", "under the pier", "when the lights change",
    "with the radio on",
)  # fmt: skip
SONGS_IN_OTHER_SCRIPTS = (
    "終電のあと", "雨のホーム", "첫눈이 오면", "Последний свет", "ليل طويل", "שיר לים", "Μόνο Εσύ",
    "窓をあけて", "Снег в апреле", "바람의 노래",
)  # fmt: skip
ODD_TITLES = (
    "1234", 'The "Quiet" Part', "Left \\ Right", "Side A | Side B", "Fire 🔥 Escape", "…",
    "A Short Account of Everything That Happened Between the Second Bell and the Last Tram Home, "
    "Told in One Breath and Without Apology (Long Version)",
    "½ Asleep", "S.O.S. (S.O.S.)", "N/A", "null", "Café ☕ Noir",
)  # fmt: skip
VERSIONS = ("Live in {place}", "Remastered 2011", "Acoustic", "Radio Edit", "Demo", "2019 Mix")
GENRES = (
    "bedroom pop", "chamber folk", "city pop", "dream pop", "dub techno", "indie rock",
    "jangle pop", "modern classical", "neo soul", "nordic jazz", "post-punk", "slowcore",
    "synthpop", "trip hop",
)  # fmt: skip
LABELS = (
    "Low Tide Records", "Paper Lantern", "Nachtzug Tonträger", "Kettle & Co.", "Fjordlys",
    "Sala Pequeña", "Third Rail", "Mezzanine Sound",
)  # fmt: skip
COMPILATIONS = (
    "Harbour Lights, Vol. 1", "Harbour Lights, Vol. 2", "Late Trams", "Kitchen Radio 1979-1989",
    "Songs for a Long Winter", "The Ferry Sessions", "New Voices of the North", "Balcony Summer",
    "Sonidos del Muelle", "夜の港 Compilation", "Ten Years of Low Tide", "Film Songs Without Films",
)  # fmt: skip
MARKETS = ("AT", "BE", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IT", "JP", "NL", "NO", "SE")
