package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	shopwords "github.com/skeindesk/skein/adapters/translate/demo"
	"github.com/skeindesk/skein/cmd/internal/daemon"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/store"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// options is the command line.
type options struct {
	listen   string
	database string // empty: a temporary one
	files    string // empty: beside the database
	public   string // where browsers reach the page; empty: at listen
	both     bool   // every conversation opens in every client of the team
	verbose  bool
}

// run executes the command line and returns its exit code. It ends with ctx, having settled everything.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	err = serve(ctx, o, log, func(address, workbench string) {
		fmt.Fprintf(stdout, "ready http=%s\nworkbench %s\n", address, workbench)
		fmt.Fprintf(stderr, "Open http://%s/demo/ in a browser. Stop with Ctrl-C.\n", address)
	})
	if problems, ok := errors.AsType[config.Problems](err); ok {
		fmt.Fprintln(stderr, "skein-demo:", problems)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintln(stderr, "skein-demo:", err)
		return exitFailure
	}
	return exitOK
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("skein-demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`host:port` of the page; port 0 takes a free one")
	flags.StringVar(&o.database, "database", "",
		"`sqlite:PATH or postgres://…`, kept at the end; left out: a temporary one that is removed")
	flags.StringVar(&o.files, "files", "", "`directory` of uploaded files; left out: beside the SQLite database, else temporary")
	flags.StringVar(&o.public, "public-url", "",
		"`address` at which browsers reach the page, where that is not -listen, as in a container")
	flags.BoolVar(&o.both, "both", false, "open every conversation in Slack and in Discord, as the page does at /demo/?both")
	flags.BoolVar(&o.verbose, "v", false, "log what the daemon does")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "skein-demo: unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		return o, errors.New("unexpected argument")
	}
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		fmt.Fprintln(stderr, "skein-demo: -listen: expected host:port, such as 127.0.0.1:8080")
		return o, err
	}
	return o, nil
}

// serve runs daemon and simulators until ctx ends. ready is called once with the page's host:port and a one-time link by
// which the team's owner comes into the workbench.
func serve(ctx context.Context, o options, log *slog.Logger, ready func(address, workbench string)) (err error) {
	temporary, err := os.MkdirTemp("", "skein-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close() // the daemon has closed it, unless it was never begun
	address := listener.Addr().String()
	origin := "http://" + visible(address)
	if o.public != "" {
		origin = strings.TrimSuffix(o.public, "/")
	}

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d, err := newDemo(ctx, origin, log)
	if err != nil {
		return err
	}
	defer d.close()
	d.alwaysBoth = o.both
	d.both.Store(o.both)
	cfg := d.config(address)
	cfg.Database, cfg.Files = storage(o, temporary)
	if err := cfg.Validate(); err != nil {
		return err
	}
	var workbench string
	return daemon.Run(ctx, cfg, daemon.Options{
		Log: log, Version: "demonstration", Translator: shopwords.Translator{}, Routes: d.routes, Listener: listener, Desks: d.desks,
		Ready: func(address string) { ready(address, workbench) },
		Prepare: func(ctx context.Context, s *store.Store) (err error) {
			if err := d.seed(ctx, s); err != nil {
				return err
			}
			workbench, err = ownersLink(ctx, s, daemon.WorkbenchURL(cfg))
			return err
		},
	})
}

// storage decides where conversations and files are kept.
func storage(o options, temporary string) (database config.Secret, files string) {
	database, files = config.Secret(o.database), o.files
	path, sqlite := strings.CutPrefix(o.database, "sqlite:")
	switch {
	case o.database == "":
		database = config.Secret("sqlite:" + filepath.Join(temporary, "skein.db"))
	case sqlite && files == "":
		files = path + ".files"
	}
	if files == "" {
		files = filepath.Join(temporary, "files")
	}
	return database, files
}

// visible is the address at which a browser on this machine reaches a listening one.
func visible(address string) string {
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
