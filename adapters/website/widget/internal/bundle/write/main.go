// Command write bundles the widget's sources into dist; go generate runs it in the widget's folder.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/skeindesk/skein/adapters/website/widget/internal/bundle"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	source, err := filepath.Abs("src")
	if err != nil {
		return err
	}
	files, err := bundle.Build(source)
	if err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join("dist", name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}
