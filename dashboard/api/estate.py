"""GET /api/v1/estate."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from dashboard.api import schemas
from dashboard.queries.estate_totals import EstateTotals, estate_totals
from dashboard.visibility import reader_of

router = Router(tags=["estate"])


@router.get(
    "/estate", response=schemas.Estate, operation_id="get_estate", summary="The estate in one line of figures"
)
def estate(request: HttpRequest) -> EstateTotals:
    return estate_totals(reader_of(request))
