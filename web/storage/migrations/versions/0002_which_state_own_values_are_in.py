"""Which state an organisation's own values are in, so that a request that signs in knows whether to read them."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up; who has values gets a state."""
    op.add_column("organisation", sa.Column("house_revision", sa.Uuid(), nullable=True))
    organisation = sa.table("organisation", sa.column("id", sa.Uuid()), sa.column("house_revision", sa.Uuid()))
    value = sa.table("house_value", sa.column("organisation_id", sa.Uuid()))
    connection = op.get_bind()
    for key in connection.scalars(sa.select(value.c.organisation_id).distinct()).all():
        state = sa.update(organisation).where(organisation.c.id == key).values(house_revision=uuid.uuid4())
        connection.execute(state)


def downgrade() -> None:
    """Go back."""
    op.drop_column("organisation", "house_revision")
