package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The import rules of the house:
//
//	bridge/rich  <-  bridge/masking, bridge/quickreply, bridge/search, bridge/language, bridge/knowledge  <-  bridge  <-  adapters/*, store, workbench  <-  cmd          config <- cmd only
//
// The core knows no transport, database or platform, not even through others; an adapter knows no other adapter,
// but may share what adapters/intake holds; simulators are for tests and for the demonstration; one file of the daemon names the adapters; no package is named
// after nothing. Tests may import whatever the compiler lets them.

const module = "github.com/skeindesk/skein"

// notForTheCore are import paths, and roots of import paths, that bridge must do without.
var notForTheCore = []string{
	"net/http",
	"database/sql",
	"github.com/slack-go/slack",
	"github.com/bwmarrin/discordgo",
	"github.com/go-telegram-bot-api",
	"github.com/jmoiron/sqlx",
	"github.com/lib/pq",
	"modernc.org/sqlite",
}

// notForTheProgram are packages that call methods by names known at run time: one call of them in reach, and the linker
// keeps every method of every type, a fifth of the binary.
var notForTheProgram = []string{"html/template", "text/template"}

// betweenAdapters are directories of adapters that are no adapters: what every adapter may build on.
var betweenAdapters = []string{"adapters/intake"}

var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "types", "misc"}

// mayImport says which parts of the house each part builds on, besides itself.
var mayImport = map[string][]string{
	"bridge/rich":       {},
	"bridge/language":   {},
	"bridge/masking":    {"bridge/rich"},
	"bridge/quickreply": {"bridge/rich"},
	"bridge/search":     {},
	"bridge/knowledge":  {"bridge/rich", "bridge/search"},
	"bridge":            {"bridge/rich", "bridge/language", "bridge/masking", "bridge/knowledge", "bridge/quickreply", "bridge/search"},
	"adapters":          {"bridge", "bridge/rich"},
	"store":             {"bridge", "bridge/rich", "bridge/quickreply", "bridge/search", "bridge/knowledge"},
	"workbench":         {"bridge", "bridge/rich", "bridge/quickreply", "bridge/search", "bridge/knowledge"},
	"config":            {},
	"cmd":               {"bridge", "bridge/rich", "bridge/quickreply", "bridge/masking", "bridge/knowledge", "adapters", "store", "workbench", "config"},
}

// A source is one Go file that is not a test.
type source struct {
	dir     string // of the package, relative to the module, with slashes
	file    string // base name
	name    string // of the package
	imports []imported
}

type imported struct {
	path string
	line int
}

func TestImportRules(t *testing.T) {
	sources, err := readSources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) == 0 {
		t.Fatal("no sources found: nothing was checked")
	}
	for _, v := range violations(sources) {
		t.Error(v)
	}
}

func TestCoreDependsOnNoTransport(t *testing.T) {
	sources, err := readSources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	core := make(map[string]bool)
	for _, s := range sources {
		if strings.HasPrefix(part(s.dir), "bridge") {
			core["./"+s.dir] = !isSimulator(s.dir)
		}
	}
	for dir, checked := range core {
		if !checked {
			continue
		}
		out, err := goList(t.Context(), dir, "-deps")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range out {
			if forbiddenInCore(p.ImportPath) {
				t.Errorf("%s depends on %s", dir, p.ImportPath)
			}
		}
	}
}

// TestImportRulesCanFail breaks each rule once, in a house made up for it.
func TestImportRulesCanFail(t *testing.T) {
	for _, test := range []struct {
		dir, file, imports string
		want               string // part of the violation; empty: allowed
	}{
		{"bridge", "desk.go", module + "/bridge/rich", ""},
		{"bridge", "desk.go", module + "/store", "bridge must not import store"},
		{"bridge", "desk.go", "net/http", "must not import net/http"},
		{"bridge", "desk.go", "github.com/slack-go/slack/slackevents", "must not import github.com/slack-go/slack"},
		{"bridge", "desk.go", "net/http/httptest", "must not import net/http/httptest"},
		{"bridge/rich", "doc.go", module + "/bridge", "bridge/rich must not import bridge"},
		{"bridge/rich", "doc.go", "database/sql", "must not import database/sql"},
		{"bridge", "desk.go", module + "/bridge/quickreply", ""},
		{"bridge/quickreply", "search.go", module + "/bridge", "bridge/quickreply must not import bridge"},
		{"bridge", "desk.go", module + "/bridge/language", ""},
		{"bridge/language", "tally.go", module + "/bridge/rich", "bridge/language must not import bridge/rich"},
		{"bridge", "desk.go", module + "/bridge/masking", ""},
		{"bridge/masking", "masking.go", module + "/bridge/rich", ""},
		{"bridge/masking", "masking.go", module + "/bridge/language", "bridge/masking must not import bridge/language"},
		{"bridge", "robot.go", module + "/bridge/knowledge", ""},
		{"bridge/knowledge/importing", "html.go", module + "/bridge/knowledge", ""},
		{"bridge/knowledge", "text.go", module + "/bridge/search", ""},
		{"bridge/knowledge", "text.go", module + "/bridge", "bridge/knowledge must not import bridge"},
		{"adapters/slack", "send.go", module + "/bridge/quickreply", "adapters must not import bridge/quickreply"},
		{"adapters/slack", "send.go", module + "/bridge", ""},
		{"adapters/slack", "send.go", module + "/adapters/slack/mrkdwn", ""},
		{"adapters/slack", "send.go", "net/http", ""},
		{"adapters/slack", "send.go", module + "/adapters/slackish", "another adapter"},
		{"adapters/slack/mrkdwn", "read.go", module + "/adapters/discord", "another adapter"},
		{"adapters/slack", "dispatch.go", module + "/adapters/intake", ""},
		{"adapters/intake", "reports.go", module + "/bridge", ""},
		{"adapters/intake", "dispatch.go", module + "/adapters/slack", "another adapter"},
		{"adapters/slack", "send.go", module + "/store", "adapters must not import store"},
		{"adapters/slack", "send.go", module + "/workbench", "adapters must not import workbench"},
		{"adapters/slack", "send.go", module + "/config", "adapters must not import config"},
		{"store", "store.go", module + "/config", "store must not import config"},
		{"workbench", "page.go", "html/template", "pages are templ's"},
		{"workbench", "page.go", module + "/adapters/slack", "workbench must not import adapters"},
		{"config", "config.go", module + "/bridge", "config must not import bridge"},
		{"cmd/skein", "serve.go", module + "/config", ""},
		{"cmd/skein", "adapters.go", module + "/adapters/slack", ""},
		{"cmd/skein", "serve.go", module + "/adapters/slack", "only adapters.go names adapters"},
		{"cmd/skein", "adapters.go", module + "/adapters/slack/slacktest", "simulators"},
		{"adapters/slack/slacktest", "server.go", module + "/adapters/adaptertest/simulator", ""},
		{"adapters/slack", "send.go", module + "/adapters/adaptertest/simulator", "simulators"},
		{"cmd/skein-demo", "main.go", module + "/adapters/slack", ""},
		{"cmd/skein-demo", "main.go", module + "/adapters/slack/slacktest", ""},
		{"store", "store.go", module + "/store/pgtest", "simulators"},
		{"store/storetest", "suite.go", module + "/store/pgtest", ""},
		{"store/util", "x.go", "strings", "named after nothing"},
		{"shop", "x.go", "strings", "no place in the house"},
	} {
		s := source{dir: test.dir, file: test.file, name: path.Base(test.dir), imports: []imported{{test.imports, 3}}}
		got := violations([]source{s})
		switch {
		case test.want == "" && len(got) > 0:
			t.Errorf("%s/%s may import %s, but: %q", test.dir, test.file, test.imports, got)
		case test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)):
			t.Errorf("%s/%s imports %s: violations %q, want one with %q", test.dir, test.file, test.imports, got, test.want)
		}
	}
	if !forbiddenInCore("github.com/lib/pq/oid") || forbiddenInCore("github.com/lib/pqx") || forbiddenInCore("net") {
		t.Error("forbiddenInCore does not stop at the elements of a path")
	}
}

// violations returns a sentence, with the place, for each breach of the rules.
func violations(sources []source) (out []string) {
	for _, s := range sources {
		say := func(line int, format string, args ...any) {
			out = append(out, fmt.Sprintf("%s:%d: ", path.Join(s.dir, s.file), line)+fmt.Sprintf(format, args...))
		}
		if slices.Contains(emptyNames, s.name) || slices.Contains(emptyNames, path.Base(s.dir)) {
			say(1, "package %s is named after nothing: name it for what it does", s.name)
		}
		if _, known := mayImport[part(s.dir)]; !known {
			say(1, "%s has no place in the house", s.dir)
		}
		for _, i := range s.imports {
			if breach := breach(s, i.path); breach != "" {
				say(i.line, "%s", breach)
			}
		}
	}
	return out
}

// breach returns what is wrong with s importing the path; nothing: it may.
func breach(s source, importPath string) string {
	from, demo := part(s.dir), s.dir == "cmd/skein-demo"
	dir, ours := strings.CutPrefix(importPath, module+"/")
	switch {
	case isSimulator(s.dir):
		return "" // only tests and the demonstration contain it
	case !ours && strings.HasPrefix(from, "bridge") && forbiddenInCore(importPath):
		return from + " must not import " + importPath
	case !ours && slices.Contains(notForTheProgram, importPath) && !demo:
		return importPath + " makes the linker keep every method: pages are templ's"
	case !ours:
		return ""
	case isSimulator(dir) && !demo:
		return "simulators such as " + dir + " are for tests and for cmd/skein-demo"
	}
	to := part(dir)
	switch {
	case from != to && !slices.Contains(mayImport[from], to):
		return from + " must not import " + dir
	case from == "adapters" && to == "adapters" && adapter(s.dir) != adapter(dir) && !slices.Contains(betweenAdapters, dir):
		return adapter(s.dir) + " must not import " + dir + ", another adapter"
	case from == "cmd" && to == "adapters" && !demo && s.file != "adapters.go":
		return "only adapters.go names adapters such as " + dir
	}
	return ""
}

// part returns the part of the house that a directory belongs to.
func part(dir string) string {
	for _, inner := range []string{"bridge/rich", "bridge/language", "bridge/masking", "bridge/quickreply", "bridge/search", "bridge/knowledge"} {
		if dir == inner || strings.HasPrefix(dir, inner+"/") {
			return inner
		}
	}
	first, _, _ := strings.Cut(dir, "/")
	return first
}

// adapter returns adapters/NAME of a directory below it.
func adapter(dir string) string {
	elements := strings.SplitN(dir, "/", 3)
	return path.Join(elements[:min(2, len(elements))]...)
}

// isSimulator reports whether a directory holds what only tests need: simulators, suites, servers for tests.
func isSimulator(dir string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(element string) bool { return strings.HasSuffix(element, "test") })
}

func forbiddenInCore(importPath string) bool {
	return slices.ContainsFunc(notForTheCore, func(root string) bool {
		return importPath == root || strings.HasPrefix(importPath, root+"/")
	})
}

// readSources returns every Go file of the module that is not a test, those that build tags leave out included.
func readSources(ctx context.Context) (sources []source, err error) {
	packages, err := goList(ctx, "./...")
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			s, err := readSource(filepath.Join(p.Dir, name))
			if err != nil {
				return nil, err
			}
			s.dir = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
			sources = append(sources, s)
		}
	}
	return sources, nil
}

func readSource(file string) (source, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	s := source{file: filepath.Base(file), name: parsed.Name.Name}
	for _, i := range parsed.Imports {
		importPath, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, imported{importPath, files.Position(i.Pos()).Line})
	}
	return s, nil
}

// A listed package is what we use of go list's answer.
type listed struct {
	ImportPath, Dir                   string
	GoFiles, CgoFiles, IgnoredGoFiles []string
}

// goList runs go list in the root of the module. Packages that do not compile are listed too.
func goList(ctx context.Context, pattern string, flags ...string) (out []listed, err error) {
	args := slices.Concat([]string{"list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles"}, flags, []string{pattern})
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = filepath.Join("..", "..")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	answer, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &stderr)
	}
	for d := json.NewDecoder(bytes.NewReader(answer)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
}
