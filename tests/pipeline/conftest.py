from tests.support.databases import database, engine, postgres_folder

__all__ = ["database", "engine", "postgres_folder"]
