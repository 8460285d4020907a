package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/cmd/internal/daemon"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/store"
)

type serveCommand struct{}

// Run serves until the context ends.
func (serveCommand) Run(p *program) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	return daemon.Run(p.ctx, cfg, daemon.Options{
		Log: p.logger(cfg), Version: version(),
		Ready: func(address string) { fmt.Fprintf(p.stdout, "ready http=%s\n", address) },
	})
}

type checkCommand struct {
	Online bool
}

// Run validates the configuration, and examines what it names if asked to.
func (c checkCommand) Run(p *program) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	if err := daemon.Check(cfg); err != nil {
		return err
	}
	for _, key := range daemon.Unused(cfg) {
		fmt.Fprintf(p.stdout, "%s: this version of Skein does nothing with it.\n", key)
	}
	if len(cfg.Endpoints) == 0 {
		fmt.Fprintln(p.stdout, "The configuration is valid, but there is nothing to connect: it has no endpoints.")
	} else {
		fmt.Fprintf(p.stdout, "The configuration is valid: %d endpoints.\n", len(cfg.Endpoints))
	}
	if !c.Online {
		return nil
	}
	return p.examine(cfg)
}

// examine prints a line for each finding and fails if something must be done.
func (p *program) examine(cfg config.Config) error {
	reports, err := daemon.Examine(p.ctx, cfg)
	if err != nil {
		return err
	}
	todo := 0
	for _, r := range reports {
		if r.Grade == bridge.Amiss {
			todo++
		}
		fmt.Fprintf(p.stdout, "%-4s  %s: %s\n", r.Grade, r.Subject, printable(r.Public))
	}
	switch todo {
	case 0:
		fmt.Fprintln(p.stdout, "Nothing must be done.")
		return nil
	case 1:
		fmt.Fprintln(p.stdout, "1 thing must be done.")
	default:
		fmt.Fprintf(p.stdout, "%d things must be done.\n", todo)
	}
	return errSaid
}

// printable keeps a finding on its line, whatever the names in it that people elsewhere have chosen.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

type manifestSlackCommand struct{}

// Run prints the manifest; an incomplete configuration is no obstacle.
func (manifestSlackCommand) Run(p *program) error {
	cfg, err := config.Load(p.config, p.environ)
	if _, incomplete := errors.AsType[config.Problems](err); err != nil && !incomplete {
		return err
	}
	manifest, err := daemon.SlackManifest(cfg)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(manifest)
	return err
}

type migrateCommand struct{}

// Run migrates the configured database.
func (migrateCommand) Run(p *program) error {
	return p.withStore(func(*store.Store) error {
		fmt.Fprintln(p.stdout, "The schema is up to date.")
		return nil
	})
}

type versionCommand struct{}

// Run prints what this program was built from.
func (versionCommand) Run(p *program) error {
	commit := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				commit = s.Value
			}
		}
	}
	fmt.Fprintf(p.stdout, "skein %s, commit %s, %s\n", version(), commit, runtime.Version())
	return nil
}

// version is the module's version, "devel" for a build from a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
