"""The table of places that portals give as coordinates."""

from sqlalchemy import Column, ForeignKey, LargeBinary, Table

from service.storage import metadata

open311_places = Table(
    "open311_places",
    metadata,
    Column("ticket_id", ForeignKey("tickets.id"), primary_key=True),
    Column("coordinates", LargeBinary, nullable=False, info={"cipher": "tickets"}),  # WGS-84: "latitude longitude"
)
