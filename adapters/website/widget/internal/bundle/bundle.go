// Package bundle turns the widget's TypeScript and CSS into the files the daemon serves.
package bundle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/evanw/esbuild/pkg/api"
)

// engines are the oldest browsers the widget is written for: those with constructable style sheets and
// web locks.
var engines = []api.Engine{
	{Name: api.EngineChrome, Version: "111"},
	{Name: api.EngineFirefox, Version: "121"},
	{Name: api.EngineSafari, Version: "16.4"},
}

// Build bundles and minifies the sources in dir and returns the files of dist by name: loader.js, app.js
// and app.css. The same sources always give the same bytes.
func Build(dir string) (map[string][]byte, error) {
	style, err := loaderStyle(dir)
	if err != nil {
		return nil, err
	}
	built := make(map[string][]byte)
	for _, entry := range []struct {
		point, out string
		format     api.Format
	}{
		{"loader.ts", "loader.js", api.FormatIIFE},
		{"app.ts", "app.js", api.FormatESModule},
		{"app.css", "app.css", api.FormatDefault},
	} {
		options := base(dir)
		options.EntryPoints = []string{filepath.Join(dir, entry.point)}
		options.Outfile = filepath.Join(dir, entry.out)
		options.Format = entry.format
		options.Define = map[string]string{"LOADER_CSS": strconv.Quote(style)}
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

// loaderStyle is the loader's style sheet in one line; the loader carries it as a string.
func loaderStyle(dir string) (string, error) {
	source, err := os.ReadFile(filepath.Join(dir, "loader.css"))
	if err != nil {
		return "", fmt.Errorf("read the loader's style: %w", err)
	}
	result := api.Transform(string(source), api.TransformOptions{
		Loader:           api.LoaderCSS,
		MinifyWhitespace: true,
		MinifySyntax:     true,
		Engines:          engines,
	})
	return string(result.Code), failure(result.Errors)
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
