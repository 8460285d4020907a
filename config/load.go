package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// DefaultPath is the file that Load reads when none is named, if it exists.
const DefaultPath = "skein.yaml"

const (
	endpointsKey = "endpoints"
	// notAnEndpoint is bridge.Workbench: it takes part like an endpoint and is none.
	notAnEndpoint = "workbench"
	typeKey       = "type"
)

// Load reads the configuration in the file path, and over it the SKEIN_ variables in environ, which has the form of
// [os.Environ]. An empty path stands for the file that SKEIN_CONFIG names, or else for [DefaultPath], which need not
// exist; a file that was named must. Paths in the configuration are relative to the working directory.
//
// SKEIN_ENDPOINTS__SUPPORT_SLACK__BOT_TOKEN stands for endpoints, support-slack, bot_token. A list in a variable is
// separated by commas. Variables that are no key are problems like unknown keys, except SKEIN_CONFIG, SKEIN_SPECS and
// SKEIN_TEST_….
//
// The error is of type [Problems] and holds every problem. The Config beside it is what could be read all the same: good
// for saying more about what is there, not for running.
func Load(path string, environ []string) (Config, error) {
	named := true
	if path == "" {
		path, named = lookup(environ, prefix+"CONFIG")
		if path == "" {
			path, named = DefaultPath, false
		}
	}
	source, err := readFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		path, source = "", nil
	case err != nil:
		return Config{}, Problems{{File: path, Text: "expected a file that can be read: " + reason(err)}}
	}
	return load(path, source, environ, readSecret)
}

// load is Load with the file's content; an empty path means that there is no file.
func load(path string, source []byte, environ []string, readFile func(string) ([]byte, error)) (Config, error) {
	root, problems := parse(path, source)
	if len(problems) > 0 {
		return Config{}, problems.err() // of a tree with holes everything else would be guesswork
	}
	d := decoder{checker: newChecker(root.at), readFile: readFile, left: make(map[string]bool)}
	d.problems = overlay(root, environ)
	c := Defaults()
	d.section(root, reflect.ValueOf(&c).Elem(), "", endpointsKey)
	if e := root.get(endpointsKey); e != nil {
		c.Endpoints = d.endpoints(e.value)
	}
	c.complete()
	c.check(&d.checker)
	c.Said = said(d.places, d.left)
	if err := d.problems.err(); err != nil {
		return c, err
	}
	return c, nil
}

func (d *decoder) endpoints(n *node) (out []Endpoint) {
	if n.kind == null {
		return nil
	}
	if n.kind != section {
		d.add(n.at, endpointsKey, "expected endpoints by their names, such as `website:`")
		return nil
	}
	seen := make(map[string]bool)
	for _, e := range n.entries {
		path := join(endpointsKey, presentable(e.key))
		if seen[e.key] {
			d.add(e.at, path, "expected once: an endpoint's name is unique")
			continue
		}
		if e.key == notAnEndpoint {
			d.add(e.at, path, "expected another name: this one is the web view's")
			continue
		}
		seen[e.key] = true
		d.places[path] = e.at
		settings := d.settings(e, path)
		if settings == nil {
			continue
		}
		d.section(e.value, reflect.ValueOf(settings).Elem(), path, typeKey)
		out = append(out, Endpoint{Name: e.key, Settings: settings})
	}
	return out
}

// settings returns the defaults of the endpoint's type; nil: the type is not known, nor is what its keys should be.
func (d *decoder) settings(e *entry, path string) Settings {
	if e.value.kind != section && e.value.kind != null {
		d.add(e.at, path, "expected keys with values, such as `type: website`")
		return nil
	}
	said := filled(e.value.get(typeKey))
	if said == nil {
		if s := defaults(typeInName(e.key)); s != nil {
			return s
		}
		d.add(e.at, join(path, typeKey), "expected a type: "+either(types))
		return nil
	}
	typ, ok := d.text(said.value, join(path, typeKey), false)
	if !ok {
		return nil
	}
	s := defaults(typ)
	if s == nil {
		d.add(said.at, join(path, typeKey), expectOneOf(typ, types))
	}
	return s
}

// typeInName returns the type that a name like website or support-slack says, so that it need not be said again.
func typeInName(name string) string { return name[strings.LastIndexByte(name, '-')+1:] }

// complete fills in what follows from the rest: the desk, where there is only one it can be, and the trailing slashes
// that callers of an API append paths to.
func (c *Config) complete() {
	var desks []string
	for _, e := range c.Endpoints {
		if e.team() != nil {
			desks = append(desks, e.Name)
		}
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	for _, e := range c.Endpoints {
		if desk := e.desk(); desk != nil && *desk == nil && len(desks) == 1 {
			*desk = slices.Clone(desks)
		}
		switch s := e.Settings.(type) {
		case *Telegram:
			s.APIURL = strings.TrimRight(s.APIURL, "/")
		case *Slack:
			s.APIURL = strings.TrimRight(s.APIURL, "/") + "/"
		case *Discord:
			s.APIURL = strings.TrimRight(s.APIURL, "/")
		}
	}
}

// namePattern is what an endpoint may be called. The name is in addresses and in the log, and never changes.
var namePattern = regexp.MustCompile(`^[a-z0-9-]+$`)

func lookup(environ []string, variable string) (string, bool) {
	for _, setting := range slices.Backward(environ) {
		if name, value, _ := strings.Cut(setting, "="); name == variable {
			return value, true
		}
	}
	return "", false
}

// readFile reads a little more of a configuration file than it may hold.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, maxFile+1)
}

func readAtMost(r io.Reader, n int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, n)) }
