"""Reports the gateways push: which message arrived, which never will. Early, late, twice: the row ends the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select

from channels.sms.gateways.gateway import Gateway, Report
from channels.sms.ledger import Ledger
from channels.sms.tables import early_reports, messages
from service.clock import Clock
from service.storage import Database, hold


@dataclass(frozen=True, slots=True)
class Reports:
    """Takes reports in."""

    database: Database
    ledger: Ledger
    clock: Clock

    async def take(self, gateway: Gateway, reports: Sequence[Report]) -> None:
        """Bring the messages to what was reported of them; all of a push in one transaction."""

        def work(connection: Connection) -> None:
            # In one order, so that two pushes of the same reports do not wait for each other.
            for report in sorted(reports, key=lambda report: report.provider_id):
                self._take(connection, gateway, report)

        await self.database.write(work)

    def _take(self, connection: Connection, gateway: Gateway, report: Report) -> None:
        # The message's own answer may be written in this moment: one of the two comes second, and sees the other.
        hold(connection, f"sms report {gateway.name} {report.provider_id}")
        of_number = messages.c.phone_hash.in_(self.ledger.cipher.keyed_hashes(report.phone))
        named = [messages.c.provider_id == report.provider_id]
        if report.reference:
            named.append(messages.c.reference == report.reference)
        row = connection.execute(
            select(messages).where(messages.c.gateway == gateway.name, of_number, or_(*named)).limit(1)
        ).one_or_none()
        if row is not None:
            self.ledger.reported(connection, self.ledger.kept(row), report, gateway)
        elif report.delivered is not None:
            self._keep(connection, gateway.name, report)

    def _keep(self, connection: Connection, gateway: str, report: Report) -> None:
        """Keep a report whose message is not known yet: the gateway was quicker than its own answer."""
        cipher, table = self.ledger.cipher, early_reports
        same = (table.c.gateway == gateway) & (table.c.provider_id == report.provider_id)
        of_number = table.c.phone_hash.in_(cipher.keyed_hashes(report.phone))
        if connection.execute(select(table.c.id).where(same, of_number).limit(1)).one_or_none() is not None:
            return
        values = {
            "gateway": gateway,
            "provider_id": report.provider_id,
            "phone": cipher.encrypt_text(report.phone),
            "phone_hash": cipher.keyed_hash(report.phone),
            "delivered": int(bool(report.delivered)),
            "code": report.code,
            "at": report.at,
            "received_at": self.clock(),
        }
        connection.execute(insert(table).values(values))
