"""Answers are compressed for whoever understands it, and are the same pages."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from dashboard.compression import COMPRESSED, Compressed, SameAgain, gzipped, gzipped_once

PAGE = b"<p>2,349 tests passed.</p>" * 400


def answered(response: HttpResponseBase, accepts: str = "br, gzip") -> HttpResponseBase:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepts
    return Compressed(lambda request: response).process_response(request, response)


def test_a_page_comes_out_of_its_compression_as_it_went_in() -> None:
    response = answered(HttpResponse(PAGE, headers={"ETag": '"7"'}))
    assert gzip.decompress(response.content) == PAGE and len(response.content) < len(PAGE) // 10
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.headers["ETag"] == 'W/"7"', "the same page, but not the same bytes"
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("response", "accepts"),
    [
        (HttpResponse(PAGE), "br, identity"),
        (HttpResponse(b"short"), "gzip"),
        (HttpResponse(PAGE, headers={"Content-Encoding": "br"}), "gzip"),
    ],
    ids=["not understood", "short", "compressed already"],
)
def test_what_would_not_be_understood_or_gains_nothing_stays_as_it_is(response: HttpResponse, accepts: str) -> None:
    before = response.content
    assert answered(response, accepts).content == before
    assert response.headers.get("Content-Encoding") != "gzip"


def test_a_page_that_comes_again_is_compressed_once_and_each_page_stays_itself() -> None:
    pages = [b"%d" % number + PAGE for number in range(30)]
    for page in (*pages, *reversed(pages)):
        assert gzip.decompress(gzipped_once(page, 100)) == page
    assert COMPRESSED.get(pages[0]) is COMPRESSED.get(bytes(bytearray(pages[0]))), "found again by what it says"
    assert gzip.decompress(answered(SameAgain(PAGE)).content) == PAGE  # type: ignore[attr-defined]


def test_what_is_streamed_is_compressed_piece_by_piece() -> None:
    response = answered(StreamingHttpResponse([PAGE[:500], PAGE[500:]]))
    assert gzip.decompress(b"".join(response.streaming_content)) == PAGE  # type: ignore[attr-defined]


def test_the_length_of_an_answer_says_nothing_of_what_is_in_it() -> None:
    assert len({len(gzipped(PAGE, 100)) for _ in range(50)}) > 10
