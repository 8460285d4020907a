package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/store"
)

const (
	// examineTime bounds a whole examination; whatever gives no answer in graceTime more, such as a file system that
	// hangs, is left behind.
	examineTime = 20 * time.Second
	graceTime   = 2 * time.Second
	// examineCall bounds one call.
	examineCall = 6 * time.Second
)

// Report is a finding about a part of the configuration.
type Report struct {
	Subject string // "database", "files", or an endpoint's name
	bridge.Finding
}

type examination struct {
	subject string
	look    func(context.Context) []bridge.Finding
}

// Examine connects to everything that a configuration names and reports what it finds: database and file store first,
// then the endpoints in the configuration's order. It looks at all at once and gives no more than twenty seconds.
func Examine(ctx context.Context, cfg config.Config) ([]Report, error) {
	all := []examination{
		{"database", func(ctx context.Context) []bridge.Finding { return one(examineDatabase(ctx, string(cfg.Database))) }},
		{"files", func(ctx context.Context) []bridge.Finding { return one(examineFiles(ctx, cfg)) }},
	}
	endpoints, err := examiners(cfg)
	if err != nil {
		return nil, err
	}
	for i, e := range endpoints {
		all = append(all, examination{cfg.Endpoints[i].Name, e.Examine})
	}
	return examineAll(ctx, all), nil
}

func one(f bridge.Finding) []bridge.Finding { return []bridge.Finding{f} }

func examineAll(ctx context.Context, all []examination) []Report {
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	found := make([]chan []bridge.Finding, len(all))
	for i, e := range all {
		found[i] = make(chan []bridge.Finding, 1)
		go func() { found[i] <- e.look(ctx) }()
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), examineTime+graceTime)
	defer stop()
	var reports []Report
	for i, e := range all {
		findings, ok := await(late, found[i])
		if !ok {
			findings = one(amiss("gave no answer within %v. See that it does, and check again.", examineTime))
		}
		for _, f := range findings {
			reports = append(reports, Report{e.subject, f})
		}
	}
	return reports
}

// await returns what has been found; ok is false when there is still nothing at the end of ctx.
func await(ctx context.Context, found <-chan []bridge.Finding) (findings []bridge.Finding, ok bool) {
	select {
	case findings = <-found:
		return findings, true
	case <-ctx.Done():
	}
	select {
	case findings = <-found:
		return findings, true
	default:
		return nil, false
	}
}

func fine(format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: bridge.Fine, Public: fmt.Sprintf(format, args...)}
}

func amiss(format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: bridge.Amiss, Public: fmt.Sprintf(format, args...)}
}

// examineDatabase makes no database: it would belong to whoever asks, not to the daemon.
func examineDatabase(ctx context.Context, address string) bridge.Finding {
	s, err := store.Open(ctx, address, store.Options{MustExist: true})
	if errors.Is(err, fs.ErrNotExist) {
		dir := filepath.Dir(strings.TrimPrefix(address, "sqlite:"))
		if err := canMakeFiles(dir); err != nil {
			return amiss("There is no database, and none can be made in its directory. Make the directory, and let Skein write there (%s).", err)
		}
		return fine("There is no database yet; Skein makes it when it starts.")
	}
	if err != nil {
		return amiss("The database cannot be opened. See that it runs, and correct `database` (%s).", err)
	}
	defer func() { _ = s.Close() }() // nothing was changed
	pending, err := s.Probe(ctx)
	switch {
	case err != nil:
		return amiss("Skein cannot work with the database. Give it a database and a role that it owns, or the right version of Skein (%s).", err)
	case pending:
		return fine("The database can be changed; Skein brings its schema up to date when it starts.")
	}
	return fine("The database can be changed, and its schema is this version's.")
}

// examineFiles makes no directory, for the same reason.
func examineFiles(ctx context.Context, cfg config.Config) bridge.Finding {
	if inObjectStore(cfg) {
		if err := probeObjects(ctx, cfg); err != nil {
			return amiss("The object store does not work. Correct `files`, its keys, or what they may do: get, put, delete and list objects (%s).", err)
		}
		return fine("The object store takes, returns and removes files.")
	}
	dir, fresh := cfg.Files, false
	for ; ; fresh = true {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	switch err := canMakeFiles(dir); {
	case err != nil:
		return amiss("Files cannot be kept in the directory of `files`. Let Skein write there, or configure another one (%s).", err)
	case fresh:
		return fine("There is no directory for files yet; Skein makes it when it starts.")
	}
	return fine("Files can be kept in the directory.")
}

// canMakeFiles makes a file in a directory and removes it.
func canMakeFiles(dir string) error {
	f, err := os.CreateTemp(dir, ".skein-probe-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString("may be removed at any time")
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
