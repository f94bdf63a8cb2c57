//! Configuration that is never lost: format, migrations, backups and locks as one store.
