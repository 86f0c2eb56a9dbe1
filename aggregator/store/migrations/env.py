"""Alembic's entry: runs on the connection, and in the transaction, that `schema.ensure` opened."""

from alembic import context

from aggregator.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
    user_module_prefix="",
)
context.run_migrations()
