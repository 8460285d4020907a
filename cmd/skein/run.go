package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/skeindesk/skein/config"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// program is what the commands get of the outside world.
type program struct {
	ctx     context.Context
	config  string
	environ []string
	stdout  io.Writer
	stderr  io.Writer
}

// errSaid ends a command whose problem has been told already.
var errSaid = errors.New("already told")

// run executes one command line and returns its exit code. A test can start it like main does; it ends with ctx.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := program{ctx: ctx, environ: environ, stdout: stdout, stderr: stderr}
	root, began := commandLine(&p)
	root.SetArgs(singleDash(args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	switch err := root.Execute(); {
	case err == nil:
		return exitOK
	case errors.Is(err, errSaid):
		return exitFailure
	case *began:
		fmt.Fprintln(stderr, "skein:", err)
		return exitFailure
	default:
		fmt.Fprintf(stderr, "skein: %v\nSee skein --help.\n", err)
		return exitUsage
	}
}

// singleDash lets long flags be written with one dash as well, as Go programs do: "-config FILE".
func singleDash(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' {
			a = "-" + a
		}
		out[i] = a
	}
	return out
}

// load reads the configuration; its problems are told here, a line each.
func (p *program) load() (config.Config, error) {
	cfg, err := config.Load(p.config, p.environ)
	if err != nil {
		fmt.Fprintln(p.stderr, err)
		return cfg, errSaid
	}
	return cfg, nil
}

func (p *program) logger(cfg config.Config) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogJSON {
		return slog.New(slog.NewJSONHandler(p.stderr, opts))
	}
	return slog.New(slog.NewTextHandler(p.stderr, opts))
}
