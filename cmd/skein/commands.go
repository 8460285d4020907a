package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

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

type checkCommand struct{}

// Run validates the configuration.
func (checkCommand) Run(p *program) error {
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
		return nil
	}
	fmt.Fprintf(p.stdout, "The configuration is valid: %d endpoints.\n", len(cfg.Endpoints))
	return nil
}

type manifestCommand struct {
	Slack manifestSlackCommand `cmd:"" help:"Print the Slack app manifest (YAML)."`
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
func (migrateCommand) Run(p *program) (err error) {
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
	fmt.Fprintln(p.stdout, "The schema is up to date.")
	return nil
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
