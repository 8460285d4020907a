package store

import (
	"database/sql"
	"errors"
)

type postgresOptions struct{}

func (o *postgresOptions) migrationPool() (*sql.DB, error) { return nil, errors.New("not yet") }

func openPostgres(database string, opts Options) (*Store, error) { return nil, errors.New("not yet") }
