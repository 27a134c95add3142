"""Every public page says what the ledger says, in words, without script, and nothing else."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import psycopg

from pumphandle.publication.codes import State
from pumphandle.publication.wording import words
from pumphandle.web.public import maps
from pumphandle.web.public.speaking import Speaker

PAGES = ("/", "/areas/A1", "/areas/A3", "/areas/A7", "/areas/D1", "/areas/R1", "/downloads", "/releases",
         "/releases/2020-06-10", "/about", "/search?q=by", "/compare", "/compare?areas=A1,D1")  # fmt: skip


def test_every_page_has_its_landmarks_and_no_foreign_address(site) -> None:
    for path in PAGES:
        answer = site.get(path)
        assert answer.status_code == 200, path
        page = answer.text
        for part in ('<html lang="en" dir="ltr">', "<main", "<nav", "<footer", 'href="#main"', "<title>"):
            assert part in page, path
        assert len(re.findall(r"<h1[ >]", page)) == 1, path
        assert re.findall(r"""(?:href|src|action)=["'](?:[a-z]+:)?//""", page) == [], path
        assert re.findall(r"<script(?![^>]*src=)", page) == [], path
        assert " style=" not in page, path
        assert "onclick" not in page, path


def test_tables_and_names_of_parts_are_sound(site) -> None:
    for path in PAGES:
        page = site.get(path).text
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(ids) == sorted(set(ids)), path
        for used in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
            assert set(used.split()) <= set(ids), path
        assert page.count("<table") == page.count("</table>"), path


def test_names_are_escaped(site) -> None:
    assert "Colby <North>" not in site.get("/").text
    assert "Colby &lt;North&gt;" in site.get("/areas/A3").text


def test_first_page_states_cases_with_tests_and_bounds(site) -> None:
    page = site.get("/").text
    assert re.search(r"About \d+ cases in Testland, from [\d,]+ tests", page)
    assert "Cases per 100 tests" in page
    assert "Shires" in page
    assert "Parishes" in page.replace("parishes", "Parishes")


def test_combined_and_open_areas_are_told_apart_on_the_map(site) -> None:
    page = site.get("/").text
    marks = dict(re.findall(r'<path data-a="(A\d)" class="([^"]+)"', page))
    assert " j" in marks["A1"]
    assert marks["A1"] == marks["A2"]
    assert marks["A4"] == "ko"
    assert marks["A7"] == "kn"
    assert re.fullmatch(r"k\d", marks["A3"])


def test_window_sentences(site) -> None:
    page = site.get("/areas/A1").text
    assert "6 cases between 1 and 4 June 2020" in page
    assert "fewer than 5 people, or all in one household, since 5 June 2020" in page
    assert "Beeston" in page
    assert "700 people together" in page
    quiet = site.get("/areas/A4").text
    assert "No window of cases has closed yet" in quiet
    assert "since 1 June 2020" in quiet


def test_unpublished_area_says_so(site) -> None:
    assert "Nothing has been published for this area yet." in site.get("/areas/A7").text


def test_withdrawals_stand_at_the_district(site) -> None:
    assert "5 cases</b>, 1–8 Jun 2020" in site.get("/areas/D1").text
    assert "Withdrawn since" not in site.get("/areas/D2").text


def test_tables_are_in_order_of_name_never_of_figures(site) -> None:
    page = site.get("/").text
    names = re.findall(r'<th scope="row"><a href="/areas/D\d">(\w+)</a>', page)
    assert names == ["Alder", "Birch", "Cedar"]


def test_measure_and_day_are_the_address(site) -> None:
    tests = site.get("/?measure=tests&day=2020-06-05").text
    assert 'aria-current="true">Tests</a>' in tests
    assert "Seven days to 5 June 2020" in tests
    assert "/areas/A3?measure=tests&amp;day=2020-06-05" in tests


def test_past_release_is_shown_as_it_was(site) -> None:
    old = site.get("/areas/A5?release=2020-06-08").text
    assert "This is the release of <b>8 June 2020</b>" in old
    assert "No window of cases has closed yet" in old
    assert "No window of cases has closed yet" in site.get("/areas/A5?as_of=2020-06-08").text
    assert "7 cases between 1 and 9 June 2020" in site.get("/areas/A5").text


def test_search_finds_by_postcode_code_and_name(site) -> None:
    for text in ("aa 13", "AA13", "a3", "colby"):
        answer = site.get("/search", params={"q": text}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/areas/A3"), text
    several = site.get("/search", params={"q": "by"})
    assert "Ashby" in several.text
    assert "Denby" in several.text


def test_search_without_sense_gets_a_sentence(site) -> None:
    nothing = site.get("/search", params={"q": "ZZ99<script>"})
    assert nothing.status_code == 404
    assert "Nothing fits" in nothing.text
    assert "<script>" not in nothing.text
    assert site.get("/search?q=").status_code == 400
    assert site.get("/search", params={"q": "x" * 500}).status_code == 400


FAULTS = (
    ("/areas/XX", 404, "no area with the code"),
    ("/releases/2019-01-01", 404, "no release"),
    ("/?release=never", 404, "no release"),
    ("/?day=yesterday", 400, "YYYY-MM-DD"),
    ("/?day=2020-07-01", 400, "day must be from"),
    ("/?measure=deaths", 400, "measure can be"),
    ("/?as_of=2020-01-01", 404, "Nothing had been published"),
    ("/nowhere", 404, "nothing at this address"),
)


def test_faults_are_pages_with_a_sentence(site) -> None:
    for path, status, said in FAULTS:
        answer = site.get(path)
        assert answer.status_code == status, path
        assert said in answer.text, path
        assert answer.headers["cache-control"] == "no-store", path


def test_before_the_first_release_there_is_a_page(empty_site) -> None:
    answer = empty_site.get("/")
    assert answer.status_code == 200
    assert "Nothing has been published yet" in answer.text
    assert empty_site.get("/ledger.csv").status_code == 404


def test_a_new_release_shows_without_a_restart(site, owner_url: str) -> None:
    assert "11 June 2020" not in site.get("/").text
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.release select '2020-06-11', 11, '2020-06-11', made_at + interval '1 day', 1, rule, "
            "certificate, manifest, hash, 'new' from published.release where sequence = 10"
        )
        connection.execute(
            "insert into published.ledger values (900, '2020-06-11', 'A4', 'small_area', 'cases', 'all', null, null, "
            "'2020-06-01', '2020-06-11', 9, 'exact')"
        )
    assert "Seven days to 11 June 2020" in site.get("/").text
    assert "9 cases between 1 and 11 June 2020" in site.get("/areas/A4").text
    assert "9 cases between" not in site.get("/areas/A4?release=2020-06-10").text


def test_cases_never_stand_without_tests_and_positivity(site) -> None:
    for path in ("/", "/areas/A1", "/areas/A3", "/areas/D1", "/compare?areas=A1,D2"):
        page = site.get(path).text
        for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
            heads = re.sub(r"<[^>]+>", " ", table)
            if "Cases" in heads:
                assert "Tests" in heads, path
                assert "per 100 tests" in heads, path
        for label in re.findall(r"<title>([^<]*\nCases[^<]*)</title>", page):
            assert "\nTests" in label, path


def test_every_code_has_its_meaning_on_one_page(site) -> None:
    page = site.get("/about").text
    for state in State:
        assert f"<code>{state.value}</code>" in page


def test_codes_and_intervals_instead_of_blanks(site) -> None:
    """No cell of figures is empty, a dash or a number that stands for something else."""
    for path in ("/", "/areas/A1", "/areas/A4", "/areas/A7", "/areas/D1", "/areas/D3", "/compare?areas=A1,A4,A7"):
        for cell in re.findall(r"<td[^>]*>(.*?)</td>", site.get(path).text, re.DOTALL):
            text = re.sub(r"<[^>]+>", "", cell).strip()
            assert text, path
            assert text not in ("–", "-", "-99", "N/A", "None"), path


def test_comparison_keeps_order_and_bounds(site) -> None:
    page = site.get("/compare?areas=D2,A1").text
    assert page.index(">Birch</a>") < page.index(">Ashby</a>")
    assert site.get("/compare?areas=A1,A2,A3,A4,A5,A6,A7").status_code == 400
    assert site.get("/compare?areas=XX").status_code == 404
    added = site.get("/compare", params={"areas": "A1", "add": "aa1 3"}, follow_redirects=False)
    assert (added.status_code, added.headers["location"]) == (303, "/compare?areas=A1,A3")
    assert "Nothing fits" in site.get("/compare?areas=A1&add=%3Cb%3E").text


def test_a_page_speaks_one_language_and_marks_the_rest(site) -> None:
    page = site.get("/areas/A1?lang=cy").text
    assert '<html lang="cy" dir="ltr">' in page
    assert "6 achos rhwng 1 a 4 Mehefin 2020" in page
    assert '<span lang="en">' not in page
    assert "gan beiriant" in page
    assert "by machine" not in site.get("/areas/A1").text
    assert "/areas/D1?lang=cy" in page
    half = Speaker(replace(words("cy"), texts={}))
    assert half("site.find") == '<span lang="en">Find</span>'
    assert half.missing == len(words("en").texts)
    assert site.get("/areas/A1?lang=xx").status_code == 400


def test_charts_for_other_peoples_pages(site) -> None:
    framed = site.get("/embed/A1")
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "<script" not in framed.text
    picture = site.get("/charts/A1.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(picture.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert site.get("/charts/A7.svg").status_code == 404
    assert site.get("/charts/A1.png").status_code == 404


def test_a_districts_seven_days_are_exact_where_its_totals_add_up_to_them(site, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        for number, (measure, first, last, value) in enumerate(
            [
                ("cases", "2020-06-01", "2020-06-03", 9),
                ("cases", "2020-06-04", "2020-06-10", 12),
                ("tests", "2020-06-01", "2020-06-03", 30),
                ("tests", "2020-06-04", "2020-06-10", 140),
            ]
        ):
            connection.execute(
                "insert into published.ledger values "
                "(%s, '2020-06-10', 'D1', 'district', %s, 'all', null, null, %s, %s, %s, 'exact')",
                [901 + number, measure, first, last, value],
            )
    page = site.get("/areas/D1").text
    assert "12 cases between 4 and 10 June 2020" in page
    assert "140 tests between 4 and 10 June 2020" in page
    assert page.count('class="bar') == 4  # two totals of each measure
    assert "between 3 and 9 June" not in site.get("/areas/D1?day=2020-06-09").text  # ends of totals do not fit


def test_a_day_on_which_nothing_went_out_is_told_with_its_reason(site, owner_url: str) -> None:
    assert "Days on which nothing went out" not in site.get("/releases").text
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.withheld values ('2020-06-11', 'audit', 'The solver had no time.', now())"
        )
    page = site.get("/releases").text
    assert "Days on which nothing went out" in page
    assert "The solver had no time." in page


def test_a_nation_of_many_areas_shows_them_all_without_script(site, monkeypatch) -> None:
    """Too many for shapes in the page: then they are a picture in both colour schemes, and links lie over it."""
    monkeypatch.setattr(maps, "MOST_DRAWN", 4)
    page = site.get("/?measure=tests&day=2020-06-09").text
    light, dark = re.findall(r'src(?:set)?="(/map/[^"]+)"', page)[::-1]
    assert light == "/map/tests.png?day=2020-06-09"
    assert dark == "/map/tests-dark.png?day=2020-06-09"
    shown = [site.get(address) for address in (light, dark)]
    assert [one.headers["content-type"] for one in shown] == ["image/png"] * 2
    assert shown[0].content[:8] == b"\x89PNG\r\n\x1a\n"
    assert shown[0].content != shown[1].content
    assert "content-encoding" not in shown[0].headers
    assert shown[0].content != site.get("/map/cases.png?day=2020-06-09").content
    links = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert links
    assert set(re.findall(r'href="/areas/(\w+)', links[1])) == {"D1", "D2", "D3"}
    near = site.get("/?focus=D1").text
    assert "/map/cases" not in near  # what is near is drawn as shapes, sharp at any size


def test_a_councils_note_stands_beside_its_areas_until_it_ends(site, owner_url: str) -> None:
    def say(note: str) -> None:
        with psycopg.connect(owner_url) as connection:
            connection.execute(
                "insert into published.context_note (area_code, at, body, note) values (%s, now(), %s, %s)",
                ["A1", "D1", note],
            )

    assert "A note by the council" not in site.get("/areas/A1").text
    say("Testing vans stood in <b>Ashby</b> that week.")
    page = site.get("/areas/A1").text
    assert "A note by the council" in page
    assert "Testing vans stood in &lt;b&gt;Ashby&lt;/b&gt; that week." in page
    assert "A note by the council" not in site.get("/areas/A5").text
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.context_note (area_code, at, body, note) "
            "values ('D1', now(), 'D1', 'The whole district was tested that week.')"
        )
    for small in ("A1", "A3"):  # a district's note stands beside its small areas too
        page = site.get(f"/areas/{small}").text
        assert "A note by the council about Alder" in page
        assert "The whole district was tested that week." in page
    assert "The whole district" not in site.get("/areas/A7").text
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "insert into published.context_note (area_code, at, body, note) values ('D1', now(), 'D1', '')"
        )
    say("")
    assert "A note by the council" not in site.get("/areas/A1").text
