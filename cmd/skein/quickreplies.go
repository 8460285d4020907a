package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/store"
)

// maxImport is how many bytes of a file are read.
const maxImport = 32 << 20

type quickImportCommand struct {
	File  string // ends in .csv or .json
	Agent string // whose personal quick replies are read, too: a name or a number
}

// Run writes all that the file holds, or nothing and what is wrong in it. A daemon that runs sees them within seconds.
func (cmd quickImportCommand) Run(p *program) error {
	read, err := readerOf(cmd.File)
	if err != nil {
		return err
	}
	f, err := os.Open(cmd.File)
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	return p.withStore(func(s *store.Store) error {
		owner, err := ownerOf(p.ctx, s, cmd.Agent)
		if err != nil {
			return err
		}
		replies, faults := read(io.LimitReader(f, maxImport), owner)
		for _, fault := range faults {
			fmt.Fprintf(p.stderr, "%s: %s\n", cmd.File, fault)
		}
		if len(faults) > 0 {
			fmt.Fprintln(p.stderr, "Nothing was imported.")
			return errSaid
		}
		added, replaced, err := bridge.ImportQuickReplies(p.ctx, s, replies)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Quick replies added: %d, replaced: %d.\n", added, replaced)
		return nil
	})
}

type quickExportCommand struct {
	File  string // ends in .csv or .json; - is standard output, as JSON
	Agent string // whose own are written instead of the team's: a name or a number
}

// Run writes the team's quick replies, or an agent's own.
func (cmd quickExportCommand) Run(p *program) error {
	write, err := writerOf(cmd.File)
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		owner, err := ownerOf(p.ctx, s, cmd.Agent)
		if err != nil {
			return err
		}
		all, _, err := s.QuickReplies(p.ctx)
		if err != nil {
			return err
		}
		var chosen []quickreply.Reply
		for _, r := range all {
			if r.Owner == owner {
				chosen = append(chosen, r)
			}
		}
		if cmd.File == "-" {
			return write(p.stdout, chosen)
		}
		f, err := os.OpenFile(cmd.File, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		return errors.Join(write(f, chosen), f.Close())
	})
}

var errFormat = errors.New("the name of the file has to end in .csv or .json")

func readerOf(file string) (func(io.Reader, int64) ([]quickreply.Reply, []quickreply.Fault), error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return quickreply.ReadCSV, nil
	case ".json":
		return quickreply.ReadJSON, nil
	}
	return nil, errFormat
}

func writerOf(file string) (func(io.Writer, []quickreply.Reply) error, error) {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".csv":
		return quickreply.WriteCSV, nil
	case ".json":
		return quickreply.WriteJSON, nil
	}
	if file == "-" {
		return quickreply.WriteJSON, nil
	}
	return nil, errFormat
}

// withStore opens the configured database, with its schema up to date.
func (p *program) withStore(fn func(s *store.Store) error) (err error) {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	s, err := store.Open(p.ctx, string(cfg.Database), store.Options{Log: p.logger(cfg)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(p.ctx); err != nil {
		return err
	}
	return fn(s)
}

// ownerOf finds a member of the team by name or number; 0 for no name: the team.
func ownerOf(ctx context.Context, s *store.Store, name string) (owner int64, err error) {
	if name == "" {
		return 0, nil
	}
	err = s.Change(ctx, func(tx bridge.Tx) error {
		members, err := tx.Team(false)
		if err != nil {
			return err
		}
		owner = 0
		for _, m := range members {
			if m.Removed || !strings.EqualFold(m.Name, name) && fmt.Sprint(m.ID) != name {
				continue
			}
			if owner != 0 {
				return fmt.Errorf("several in the team are called %s: give the number instead", name)
			}
			owner = int64(m.ID)
		}
		if owner == 0 {
			return fmt.Errorf("nobody in the team is called %s", name)
		}
		return nil
	})
	return owner, err
}
