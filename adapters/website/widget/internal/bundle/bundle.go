// Package bundle turns the widget's TypeScript and CSS into the files the daemon serves.
package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// engines are the oldest browsers the widget is written for: those with constructable style sheets and
// web locks.
var engines = []api.Engine{
	{Name: api.EngineChrome, Version: "111"},
	{Name: api.EngineFirefox, Version: "121"},
	{Name: api.EngineSafari, Version: "16.4"},
}

// Build bundles and minifies the sources in dir and returns the files of dist by name: loader.js, app.js,
// app.css, and form.js and more.js, which app.js loads when they are needed. The same sources always give the same bytes.
func Build(dir string) (map[string][]byte, error) {
	define := make(map[string]string)
	for name, sheet := range map[string]string{"LOADER_CSS": "loader.css", "FORM_CSS": "form.css", "MORE_CSS": "more.css"} {
		style, err := oneLine(dir, sheet)
		if err != nil {
			return nil, err
		}
		define[name] = strconv.Quote(style)
	}
	built := make(map[string][]byte)
	for _, entry := range []struct {
		point, out string
		format     api.Format
	}{
		{"loader.ts", "loader.js", api.FormatIIFE},
		{"main.ts", "app.js", api.FormatESModule},
		{"app.css", "app.css", api.FormatDefault},
		{"form.ts", "form.js", api.FormatESModule},
		{"more.ts", "more.js", api.FormatESModule},
	} {
		options := base(dir)
		options.EntryPoints = []string{filepath.Join(dir, entry.point)}
		options.Outfile = filepath.Join(dir, entry.out)
		options.Format = entry.format
		options.Define = define
		result := api.Build(options)
		if err := failure(result.Errors); err != nil {
			return nil, fmt.Errorf("bundle %s: %w", entry.point, err)
		}
		built[entry.out] = result.OutputFiles[0].Contents
	}
	return built, nil
}

func base(dir string) api.BuildOptions {
	return api.BuildOptions{
		AbsWorkingDir:     dir,
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		Engines:           engines,
		LogLevel:          api.LogLevelSilent,
	}
}

// oneLine is a style sheet in one line, for a script that carries it as a string.
func oneLine(dir, sheet string) (string, error) {
	source, err := os.ReadFile(filepath.Join(dir, sheet))
	if err != nil {
		return "", fmt.Errorf("read a script's style: %w", err)
	}
	result := api.Transform(string(source), api.TransformOptions{
		Loader:           api.LoaderCSS,
		MinifyWhitespace: true,
		MinifySyntax:     true,
		Engines:          engines,
	})
	return strings.TrimSpace(string(result.Code)), failure(result.Errors)
}

func failure(messages []api.Message) error {
	var errs []error
	for _, m := range messages {
		if m.Location == nil {
			errs = append(errs, errors.New(m.Text))
			continue
		}
		errs = append(errs, fmt.Errorf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column, m.Text))
	}
	return errors.Join(errs...)
}
